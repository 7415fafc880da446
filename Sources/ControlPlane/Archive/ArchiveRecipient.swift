internal import CCrypto

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Somebody to whom archived keys are encrypted: a certificate that can be used for it.
package struct ArchiveRecipient: Sendable {
    /// As the operator named it.
    package let file: String
    private let pem: [UInt8]

    /// Reads a certificate in PEM; `now` is seconds since 1970.
    ///
    /// - Throws: `UnsuitableRecipient`.
    package init(contentsOf file: String, now: Int) throws(UnsuitableRecipient) {
        do {
            pem = try SecretBytes.contents(of: file).array
        } catch {
            throw UnsuitableRecipient(file: file, problem: "cannot be read: \("\(error)".lowercased())")
        }
        self.file = file
        defer { ERR_clear_error() }
        let problem = unsafe withCertificates { certificates in
            switch unsafe certificates.count {
            case 0: "holds no certificate in PEM (-----BEGIN CERTIFICATE-----)"
            case 1: unsafe Self.problem(of: certificates[0], now)
            default: unsafe "holds \(certificates.count) certificates; give each recipient's own in a file of its own"
            }
        }
        if let problem { throw UnsuitableRecipient(file: file, problem: problem) }
    }

    private static func problem(of certificate: OpaquePointer, _ now: Int) -> String? {
        guard let begin = unsafe seconds(X509_get0_notBefore(certificate)),
            let end = unsafe seconds(X509_get0_notAfter(certificate)), let key = unsafe X509_get0_pubkey(certificate)
        else { return "cannot be understood" }
        if now < begin { return "is not valid before \(UTCTime(secondsSince1970: begin))" }
        if now > end { return "has expired at \(UTCTime(secondsSince1970: end)); give a newer one" }
        // Without the extension every use is allowed.
        let usage = unsafe X509_get_key_usage(certificate)
        switch unsafe EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA:
            let bits = unsafe EVP_PKEY_get_bits(key)
            if bits < 2048 { return "has an RSA key of \(bits) bits; at least 2048 are needed" }
            if usage & UInt32(KU_KEY_ENCIPHERMENT) == 0 {
                return "is not for encryption: its keyUsage has no keyEncipherment"
            }
        case EVP_PKEY_EC:
            if usage & UInt32(KU_KEY_AGREEMENT) == 0 {
                return "is not for encryption: its keyUsage has no keyAgreement"
            }
        default:
            return "has neither an RSA nor an EC key"
        }
        return nil
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int? {
        var parts = unsafe tm()
        guard unsafe ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        return unsafe timegm(&parts)
    }

    /// Makes the recipient one of an envelope's.
    func add(to envelope: OpaquePointer) throws(CryptoError) {
        let isAdded = unsafe withCertificates { certificates -> Bool in
            guard let recipient = unsafe CMS_add1_recipient_cert(envelope, certificates.first, UInt32(CMS_KEY_PARAM)),
                let context = unsafe CMS_RecipientInfo_get0_pkey_ctx(recipient),
                let key = unsafe X509_get0_pubkey(certificates.first)
            else { return false }
            // What the standards would have today: libcrypto's own choices are PKCS#1 v1.5 and SHA-1.
            return switch unsafe EVP_PKEY_get_base_id(key) {
            case EVP_PKEY_RSA:
                unsafe EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1
                    && EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1
            default: unsafe EVP_PKEY_CTX_set_ecdh_kdf_md(context, EVP_sha256()) == 1
            }
        }
        guard isAdded else { throw .draining("encrypting for the recipient \"\(file)\"") }
    }

    private func withCertificates<Result>(_ body: ([OpaquePointer]) -> Result) -> Result {
        unsafe pem.withUnsafeBytes { bytes in
            let input = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count))
            var certificates: [OpaquePointer] = unsafe []
            defer {
                while let certificate = unsafe certificates.popLast() { unsafe X509_free(certificate) }
                unsafe BIO_free_all(input)
            }
            while let certificate = unsafe PEM_read_bio_X509(input, nil, nil, nil) {
                unsafe certificates.append(certificate)
            }
            return unsafe body(certificates)
        }
    }
}

/// A recipient's certificate that cannot be used.
package struct UnsuitableRecipient: Error, Hashable, Sendable, CustomStringConvertible {
    package let file: String
    package let problem: String

    package var description: String { "the key archive's recipient \"\(file)\" \(problem)" }
}
