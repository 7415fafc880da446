import Reconciliation

/// Random objects and what is true of them.
struct Mixture {
    private(set) var values: [String: [UInt8]] = [:]
    /// How many objects have each form.
    private(set) var truth: [StoredForm: Int] = [:]

    static func random(under directory: String, using random: inout some RandomNumberGenerator) -> Mixture {
        var mixture = Mixture()
        let choice = beginnings.shuffled(using: &random).prefix(.random(in: 1...6, using: &random))
        let likeliest = choice.first ?? ""
        for _ in 0..<Int.random(in: 0...1500, using: &random) {
            let isLikeliest = Int.random(in: 0..<10, using: &random) > 2
            let beginning = isLikeliest ? likeliest : choice.randomElement(using: &random) ?? likeliest
            let rest = (0..<Int.random(in: 0...20, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
            }
            mixture.add(
                Array(beginning.utf8) + (beginning.hasSuffix("|") ? [] : rest), under: directory, using: &random)
        }
        return mixture
    }

    private mutating func add(
        _ value: [UInt8], under directory: String, using random: inout some RandomNumberGenerator
    ) {
        let key =
            directory + "ns\(Int.random(in: 0...9, using: &random))/"
            + String(UInt64.random(in: 0 ... .max, using: &random))
        guard values.updateValue(value, forKey: key) == nil else { return }
        truth[Self.form(of: value), default: 0] += 1
    }

    /// Written without a look at how the classifier does it.
    private static func form(of value: [UInt8]) -> StoredForm {
        guard value.starts(with: "k8s:enc:".utf8) else { return .plaintext }
        let parts = value.split(separator: UInt8(ascii: ":"), maxSplits: 5, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        return .encrypted(scheme: "\(parts[2]):\(parts[3])", name: parts[4])
    }

    private static let beginnings = [
        "", "k8s\u{0}", "{", "k8s:en", "k8s:enc;", "\u{FF}",
        "k8s:enc:aescbc:v1:atrest-20261121T101112-ab12:", "k8s:enc:aescbc:v1:atrest-20261121T101112-ab13:",
        "k8s:enc:aescbc:v1:a:", "k8s:enc:aescbc:v1:ab:", "k8s:enc:aescbc:v1::", "k8s:enc:aescbc:v1:schl\u{FC}ssel:",
        "k8s:enc:aesgcm:v1:key1:", "k8s:enc:secretbox:v1:key1:", "k8s:enc:kms:v1:vault:", "k8s:enc:kms:v2:vault:",
        "k8s:enc:aesgcm:v2:key1:", "k8s:enc:zinc:v9:key1:",
    ]
}
