internal import FoundationEssentials
internal import Reconciliation

/// An answer with a status that is not good, as Kubernetes words it.
package struct APIStatus: Error, Hashable, Sendable {
    /// The HTTP status.
    package let code: Int
    /// Kubernetes' word for it: `Forbidden`, `Conflict`, `Expired`.
    package let reason: String
    /// One line, without control characters, at most 500 characters.
    package let message: String
    package let method: String
    package let path: String
    /// What the server asks to wait, at most a minute.
    package let retryAfter: Duration?
    /// True where the server names an object that it speaks of, and not only a path that it does not serve.
    let isOfObject: Bool

    /// True where another identity may have the right that ours lacks.
    package var isForbidden: Bool { code == 403 }
    /// True where a webhook denies this one object, whoever asks.
    var isWebhookDenial: Bool { code == 403 && message.hasPrefix("admission webhook") }
    /// True where the object has changed since it was read.
    package var isConflict: Bool { code == 409 }
    package var isMissing: Bool { code == 404 }
    /// True for what a server answers that has just started, or has too much to do; it says nothing about an object.
    var isPassing: Bool { [401, 403, 429, 503, 504].contains(code) }

    /// True where the same request may be answered otherwise in a moment.
    var isTransient: Bool { code == 429 || (500...504).contains(code) && !isAboutEncryption }
    /// True where the server could not decrypt: no other try will do better.
    var isAboutEncryption: Bool {
        let words = ["unable to transform", "transformer", "no matching key", "no matching prefix"]
        return code == 500 && words.contains(where: message.contains)
    }

    init(_ response: HTTPResponse, to request: HTTPRequest) {
        let status = try? JSONDecoder().decode(Status.self, from: Data(response.body))
        code = response.status
        reason = (status?.reason ?? "").printable(limit: 100)
        message = (status?.message ?? String(decoding: response.body.prefix(500), as: UTF8.self)).printable(limit: 500)
        method = request.method
        path = String(request.path.prefix { $0 != "?" })
        retryAfter = response.headers["retry-after"].flatMap(Int.init).map { .seconds(max(0, min($0, 60))) }
        isOfObject = status?.details?.name?.isEmpty == false
    }

    private struct Status: Decodable {
        struct Details: Decodable {
            let name: String?
        }
        let details: Details?
        let message: String?
        let reason: String?
    }
}

extension APIStatus: CustomStringConvertible {
    package var description: String {
        let words = reason.isEmpty ? "\(code)" : "\(code) \(reason)"
        return "the API server answered \(words) to \(method) \(path)" + (message.isEmpty ? "" : ": \(message)")
    }
}

extension String {
    /// For one segment of a path, or one value of a query.
    var percentEncoded: String {
        utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            // A dot alone or two of them would be another path.
            case UInt8(ascii: ".") where self != "." && self != "..": "."
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
