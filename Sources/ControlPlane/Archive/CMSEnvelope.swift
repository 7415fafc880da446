internal import CCrypto

/// CMS EnvelopedData in PEM, as `openssl cms` writes and reads it.
enum CMSEnvelope {
    /// Encrypts with AES-256 for every recipient; each of them alone can open it.
    static func seal(_ content: SecretBytes, to recipients: [ArchiveRecipient]) throws(CryptoError) -> [UInt8] {
        let flags = UInt32(CMS_PARTIAL | CMS_BINARY)
        guard let envelope = unsafe CMS_encrypt(nil, nil, EVP_aes_256_cbc(), flags) else {
            throw .draining("making a CMS envelope")
        }
        defer { unsafe CMS_ContentInfo_free(envelope) }
        for recipient in recipients { try unsafe recipient.add(to: envelope) }
        try unsafe write(content, into: envelope)
        return try unsafe pem(envelope)
    }

    /// The content goes straight to the cipher: `CMS_final` would leave copies of it in buffers that nobody cleanses.
    private static func write(_ content: SecretBytes, into envelope: OpaquePointer) throws(CryptoError) {
        guard let cipher = unsafe CMS_dataInit(envelope, nil) else { throw .draining("encrypting a key") }
        defer { unsafe BIO_free_all(cipher) }
        let written = unsafe content.withBytes { unsafe BIO_write(cipher, $0.baseAddress, Int32($0.count)) }
        guard written == content.count, unsafe BIO_ctrl(cipher, BIO_CTRL_FLUSH, 0, nil) == 1,
            unsafe CMS_dataFinal(envelope, cipher) == 1
        else { throw .draining("encrypting a key") }
    }

    private static func pem(_ envelope: OpaquePointer) throws(CryptoError) -> [UInt8] {
        let output = unsafe BIO_new(BIO_s_mem())
        defer { unsafe BIO_free_all(output) }
        guard unsafe PEM_write_bio_CMS(output, envelope) == 1 else { throw .draining("writing a CMS envelope") }
        var start: UnsafeMutableRawPointer?
        let count = unsafe BIO_ctrl(output, BIO_CTRL_INFO, 0, &start)
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// True where `file` holds a whole envelope, for whomever.
    static func isWhole(_ file: [UInt8]) -> Bool {
        unsafe withEnvelope(in: file) { _ in true } ?? false
    }

    /// What a file's envelope holds; nil where there is none, or this key does not open it.
    ///
    /// A wrong key may also give bytes that mean nothing: so that it cannot be used to guess, CMS does not always tell.
    static func open(_ file: [UInt8], with key: DecryptionKey) -> SecretBytes? {
        defer { ERR_clear_error() }
        let pointer = unsafe key.pointer
        return unsafe withEnvelope(in: file) { envelope in
            guard unsafe CMS_decrypt_set1_pkey(envelope, pointer, nil) == 1,
                let cipher = unsafe CMS_dataInit(envelope, nil)
            else { return nil }
            defer { unsafe BIO_free_all(cipher) }
            // What was encrypted is shorter than the file that it stands in.
            var count = 0
            let content = unsafe SecretBytes(count: file.count) { buffer in
                while count < buffer.count,
                    case let read = unsafe BIO_read(
                        cipher, buffer.baseAddress?.advanced(by: count), Int32(buffer.count - count)),
                    read > 0
                { count += Int(read) }
            }
            guard unsafe BIO_ctrl(cipher, BIO_C_GET_CIPHER_STATUS, 0, nil) == 1 else { return nil }
            return unsafe content.withBytes { unsafe SecretBytes($0.prefix(count)) }
        } ?? nil
    }

    private static func withEnvelope<Result>(in file: [UInt8], _ body: (OpaquePointer) -> Result) -> Result? {
        defer { ERR_clear_error() }
        return unsafe file.withUnsafeBytes { bytes -> Result? in
            let input = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count))
            defer { unsafe BIO_free_all(input) }
            guard let envelope = unsafe PEM_read_bio_CMS(input, nil, nil, nil) else { return nil }
            defer { unsafe CMS_ContentInfo_free(envelope) }
            guard unsafe OBJ_obj2nid(CMS_get0_type(envelope)) == NID_pkcs7_enveloped else { return nil }
            return unsafe body(envelope)
        }
    }
}
