internal import CCurl
internal import Reconciliation

/// What the responses that are under way on one channel may hold together; belongs to the loop's thread.
final class ResponseRoom {
    let limit: Int
    /// In bytes.
    fileprivate(set) var used = 0

    init(limit: Int) {
        self.limit = limit
    }
}

/// One easy handle, used for one request after another, and what it has received so far.
///
/// Belongs to the loop's thread. libcurl holds pointers to this object and to `message` until `cleanUp`.
@safe
final class CurlTransfer {
    let handle: UnsafeMutableRawPointer
    private let options: CurlOptions
    private let message: UnsafeMutablePointer<CChar>
    private let room: ResponseRoom
    private var submission: CurlTransport.Submission?
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private var headers: [String: String] = [:]
    private var body: [UInt8] = []
    private var filter: LineFilter?
    /// How many bytes of `room` are this response's.
    private var held = 0
    private var isTooLong = false

    var key: UInt { unsafe UInt(bitPattern: handle) }
    var id: UInt64? { submission?.id }

    /// What the transfer took so far, or in all.
    var microseconds: Int {
        var time = 0
        return unsafe atrest_curl_get_microseconds(handle, CURLINFO_TOTAL_TIME_T, &time) == CURLE_OK ? time : 0
    }

    init(
        _ endpoint: CurlEndpoint, _ limits: HTTPLimits, _ credentials: CurlCredentials, _ room: ResponseRoom
    ) throws(CurlError) {
        guard let handle = unsafe curl_easy_init() else { throw CurlError(code: CURLE_OUT_OF_MEMORY) }
        unsafe self.handle = unsafe handle
        options = unsafe CurlOptions(handle: handle)
        unsafe message = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        self.room = room
        do {
            try configure(endpoint, limits)
            try credentials.apply(to: options)
        } catch {
            cleanUp()
            throw error
        }
    }

    /// Frees the handle, which must not be in a multi handle any more.
    func cleanUp() {
        unsafe curl_easy_cleanup(handle)
        unsafe message.deallocate()
        unsafe curl_slist_free_all(headerList)
    }

    private func configure(_ endpoint: CurlEndpoint, _ limits: HTTPLimits) throws(CurlError) {
        try options.set(CURLOPT_UNIX_SOCKET_PATH, endpoint.socketPath)
        try options.restrict(toHTTPS: endpoint.isSecure)
        // Nothing from the environment or the home directory may steer a request.
        try options.set(CURLOPT_PROXY, "")
        try options.set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        try options.set(CURLOPT_FOLLOWLOCATION, 0)
        try options.set(CURLOPT_PATH_AS_IS, 1)
        try options.set(CURLOPT_NOSIGNAL, 1)
        try options.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        try options.set(CURLOPT_PIPEWAIT, 1)
        try options.set(CURLOPT_CONNECTTIMEOUT_MS, limits.connectTimeout.milliseconds)
        try options.set(CURLOPT_TIMEOUT_MS, limits.requestTimeout.milliseconds)
        try unsafe options.set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(message))

        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        try unsafe options.set(CURLOPT_WRITEDATA, context)
        try unsafe options.set(CURLOPT_HEADERDATA, context)
        try unsafe options.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            unsafe CurlTransfer.receive(bytes, size * count, context) { unsafe $0.append(body: $1) }
        }
        try unsafe options.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            unsafe CurlTransfer.receive(bytes, size * count, context) { unsafe $0.append(header: $1) }
        }
    }
}

/// One request.
extension CurlTransfer {
    /// Readies the handle; a submission that this throws for stays the caller's.
    func begin(_ submission: CurlTransport.Submission, origin: String) throws(CurlError) {
        let request = submission.request
        headers = [:]
        body = []
        filter = request.wantedLines.map(LineFilter.init)
        isTooLong = false
        unsafe message.pointee = 0
        try options.set(CURLOPT_URL, origin + request.path)
        if request.body.isEmpty && request.method == "GET" {
            try options.set(CURLOPT_HTTPGET, 1)
        } else {
            try options.setBody(request.body)
        }
        try options.set(CURLOPT_CUSTOMREQUEST, request.method)
        // Without the empty `Expect` a long body would wait for a "100 Continue".
        try setHeaders(request.headers.map { "\($0.name): \($0.value)" } + ["Expect:"])
        self.submission = submission
    }

    func finish(with code: CURLcode) {
        guard code == CURLE_OK else {
            finish(throwing: failure(code))
            return
        }
        var status = 0
        guard unsafe atrest_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK, status > 0 else {
            finish(throwing: HTTPFailure.dropped("the response has no status"))
            return
        }
        let response = HTTPResponse(status: status, headers: headers, body: filter?.kept ?? body)
        submission?.continuation.resume(returning: response)
        release()
    }

    func finish(throwing error: any Error) {
        submission?.continuation.resume(throwing: error)
        release()
    }

    private func release() {
        submission = nil
        body = []
        headers = [:]
        filter = nil
        room.used -= held
        held = 0
    }

    private func failure(_ code: CURLcode) -> HTTPFailure {
        guard !isTooLong else { return .dropped("the response is longer than \(room.limit) bytes") }
        var sent = 0
        let isKnown = unsafe atrest_curl_get_long(handle, CURLINFO_REQUEST_SIZE, &sent) == CURLE_OK
        let detail = unsafe message.pointee == 0 ? CurlError(code: code).description : String(cString: message)
        // It may quote the server's certificate.
        return HTTPFailure(code, detail: detail.printable(limit: 300), wasSent: !isKnown || sent > 0)
    }

    private func setHeaders(_ lines: [String]) throws(CurlError) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard !line.utf8.contains(where: { $0 < 0x20 }), let longer = unsafe curl_slist_append(list, line) else {
                unsafe curl_slist_free_all(list)
                throw CurlError(code: CURLE_BAD_FUNCTION_ARGUMENT)
            }
            unsafe list = unsafe longer
        }
        unsafe curl_slist_free_all(headerList)
        unsafe headerList = unsafe list
        try CurlError.check(unsafe atrest_curl_set_list(handle, CURLOPT_HTTPHEADER, list))
    }
}

/// What libcurl calls back with.
extension CurlTransfer {
    /// Gives the bytes to the transfer behind `context`; any other count than theirs makes libcurl stop the transfer.
    private static func receive(
        _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
        _ accept: (CurlTransfer, UnsafeRawBufferPointer) -> Bool
    ) -> Int {
        guard let context = unsafe context, let bytes = unsafe bytes else { return count }
        let transfer = unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
        return unsafe accept(transfer, UnsafeRawBufferPointer(start: bytes, count: count)) ? count : count + 1
    }

    private func append(body bytes: UnsafeRawBufferPointer) -> Bool {
        guard let before = filter?.count else {
            guard take(bytes.count) else { return false }
            unsafe body.append(contentsOf: bytes)
            return true
        }
        unsafe filter?.add(bytes)
        return take((filter?.count ?? 0) - before)
    }

    /// Takes room for bytes that are kept; false where there is not enough.
    private func take(_ count: Int) -> Bool {
        isTooLong = room.used + count > room.limit
        guard !isTooLong else { return false }
        room.used += count
        held += count
        return true
    }

    private func append(header bytes: UnsafeRawBufferPointer) -> Bool {
        guard unsafe !bytes.starts(with: Self.statusLine) else {
            // A status line begins anew: what came before belonged to an interim response.
            headers = [:]
            return true
        }
        guard let colon = unsafe bytes.firstIndex(of: UInt8(ascii: ":")) else { return true }
        guard take(bytes.count) else { return false }
        let name = unsafe String(decoding: bytes[..<colon], as: UTF8.self).lowercased()
        // The value stands between blanks and the line's CR LF.
        let value = unsafe String(
            decoding: bytes[(colon + 1)...].drop { $0 <= 0x20 }.prefix { $0 != 0x0D && $0 != 0x0A }, as: UTF8.self)
        headers[name] = headers[name].map { "\($0), \(value)" } ?? value
        return true
    }

    private static let statusLine = Array("HTTP/".utf8)
}
