internal import CCurl

/// Typed setters for an easy handle; each throws what libcurl answered.
@safe
struct CurlOptions {
    let handle: UnsafeMutableRawPointer

    init(handle: UnsafeMutableRawPointer) {
        unsafe self.handle = unsafe handle
    }

    func set(_ option: CURLoption, _ value: Int) throws(CurlError) {
        try CurlError.check(unsafe atrest_curl_set_long(handle, option, value))
    }

    /// Copies the string; nil is libcurl's "none".
    func set(_ option: CURLoption, _ value: String?) throws(CurlError) {
        try CurlError.check(unsafe atrest_curl_set_string(handle, option, value))
    }

    /// Keeps the pointer.
    func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer) throws(CurlError) {
        try CurlError.check(unsafe atrest_curl_set_pointer(handle, option, value))
    }

    func set(_ option: CURLoption, _ value: curl_write_callback) throws(CurlError) {
        try CurlError.check(unsafe atrest_curl_set_callback(handle, option, value))
    }

    /// Keeps the pointer.
    func set(_ option: CURLoption, blob: UnsafeRawBufferPointer) throws(CurlError) {
        try CurlError.check(unsafe atrest_curl_set_blob(handle, option, blob.baseAddress, blob.count))
    }

    /// Copies the bytes; makes the request one that has a body, be it empty.
    func setBody(_ bytes: [UInt8]) throws(CurlError) {
        try CurlError.check(unsafe atrest_curl_set_body(handle, bytes, bytes.count))
    }

    func restrict(toHTTPS isSecure: Bool) throws(CurlError) {
        try CurlError.check(unsafe atrest_curl_set_protocol(handle, isSecure ? 1 : 0))
    }
}
