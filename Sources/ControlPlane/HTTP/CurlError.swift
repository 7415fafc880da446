internal import CCurl

/// A libcurl call that failed.
struct CurlError: Error, CustomStringConvertible {
    let description: String

    init(code: CURLcode) {
        description = unsafe String(cString: curl_easy_strerror(code))
    }

    init(code: CURLMcode) {
        description = unsafe String(cString: curl_multi_strerror(code))
    }

    static func check(_ code: CURLcode) throws(CurlError) {
        guard code == CURLE_OK else { throw CurlError(code: code) }
    }

    static func check(_ code: CURLMcode) throws(CurlError) {
        guard code == CURLM_OK else { throw CurlError(code: code) }
    }
}

extension HTTPFailure {
    /// Says what became of a request; in doubt, that the server may have acted on it.
    init(_ code: CURLcode, detail: String, wasSent: Bool) {
        switch code {
        case CURLE_OPERATION_TIMEDOUT:
            self = .timedOut(detail)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ISSUER_ERROR:
            self = .tls(detail)
        case CURLE_SSL_CONNECT_ERROR:
            // A forwarded port that nobody listens on is closed in the middle of the handshake: that is no TLS matter.
            let isRefusal = detail.contains("SSL routines") && !detail.contains("unexpected eof")
            self = isRefusal ? .tls(detail) : .notConnected(detail)
        case _ where detail.contains("SSL routines") && detail.contains("alert"):
            // In TLS 1.3 our certificate is refused after the handshake, on the first read.
            self = .tls(detail)
        default:
            self = wasSent ? .dropped(detail) : .notConnected(detail)
        }
    }
}

extension HTTPFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notConnected(let detail): "no connection: \(detail)"
        case .dropped(let detail): "connection lost: \(detail)"
        case .timedOut(let detail): "no answer in time: \(detail)"
        case .tls(let detail): "TLS: \(detail)"
        }
    }
}

extension Duration {
    /// Whole milliseconds, at least one: zero would mean "for ever" to libcurl.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}
