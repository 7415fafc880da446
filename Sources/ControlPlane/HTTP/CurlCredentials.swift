internal import CCurl

/// A TLS identity lent to libcurl for as long as a channel's thread serves.
///
/// libcurl reads the bytes where they are and makes no copy of the private key that it would not cleanse.
@safe
struct CurlCredentials {
    private let authority: UnsafeRawBufferPointer?
    private let certificate: UnsafeRawBufferPointer?
    private let privateKey: UnsafeRawBufferPointer?

    /// Lends the identity's bytes; every easy handle that they were applied to is gone when `body` returns.
    static func withCredentials<Result>(of identity: TLSIdentity?, _ body: (CurlCredentials) -> Result) -> Result {
        guard let identity else {
            return unsafe body(CurlCredentials(authority: nil, certificate: nil, privateKey: nil))
        }
        return unsafe identity.authority.withUnsafeBytes { authority in
            unsafe withBytes(of: identity.certificate) { certificate in
                unsafe withBytes(of: identity.privateKey) { privateKey in
                    unsafe body(
                        CurlCredentials(authority: authority, certificate: certificate, privateKey: privateKey))
                }
            }
        }
    }

    private init(
        authority: UnsafeRawBufferPointer?, certificate: UnsafeRawBufferPointer?, privateKey: UnsafeRawBufferPointer?
    ) {
        unsafe self.authority = unsafe authority
        unsafe self.certificate = unsafe certificate
        unsafe self.privateKey = unsafe privateKey
    }

    func apply(to options: CurlOptions) throws(CurlError) {
        guard let authority = unsafe authority else { return }
        try options.set(CURLOPT_SSL_VERIFYPEER, 1)
        try options.set(CURLOPT_SSL_VERIFYHOST, 2)
        // The authority alone is trusted: without this the system's directory of authorities would be as well.
        try options.set(CURLOPT_CAINFO, nil)
        try options.set(CURLOPT_CAPATH, nil)
        try unsafe options.set(CURLOPT_CAINFO_BLOB, blob: authority)
        if let certificate = unsafe certificate {
            try unsafe options.set(CURLOPT_SSLCERT_BLOB, blob: certificate)
        }
        if let privateKey = unsafe privateKey {
            try unsafe options.set(CURLOPT_SSLKEY_BLOB, blob: privateKey)
        }
    }

    private static func withBytes<Result>(
        of bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> Result
    ) -> Result {
        guard let bytes else { return body(nil) }
        return unsafe bytes.withUnsafeBytes { unsafe body($0) }
    }

    private static func withBytes<Result>(
        of secret: SecretBytes?, _ body: (UnsafeRawBufferPointer?) -> Result
    ) -> Result {
        guard let secret else { return body(nil) }
        return unsafe secret.withBytes { unsafe body($0) }
    }
}
