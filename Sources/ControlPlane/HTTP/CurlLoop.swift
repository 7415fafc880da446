internal import CCurl

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Everything of libcurl that belongs to one channel.
///
/// Made, used and freed by the channel's own thread; nothing in here is ever seen by another.
@safe
struct CurlLoop: ~Copyable {
    private let transport: CurlTransport
    private let credentials: CurlCredentials
    private let multi: UnsafeMutableRawPointer
    /// By the easy handle's address.
    private var running: [UInt: CurlTransfer] = [:]
    private var idle: [CurlTransfer] = []
    private let room: ResponseRoom
    /// From the start of a request to its answer's last byte, in microseconds.
    private var lastAnswerTime = 0

    /// The thread's body; returns when the channel is closed.
    static func run(_ transport: CurlTransport, identity: TLSIdentity?) {
        let reason = CurlCredentials.withCredentials(of: identity) { credentials in
            serve(transport, credentials)
        }
        transport.end(failing: reason)
    }

    private static func serve(_ transport: CurlTransport, _ credentials: CurlCredentials) -> HTTPFailure {
        do {
            var loop = try CurlLoop(transport, credentials)
            try loop.serve()
            return .notConnected("the channel is closed")
        } catch {
            return .notConnected("libcurl: \(error)")
        }
    }

    private init(_ transport: CurlTransport, _ credentials: CurlCredentials) throws(CurlError) {
        try CurlError.check(Self.globalInit)
        guard let multi = unsafe curl_multi_init() else { throw CurlError(code: CURLE_OUT_OF_MEMORY) }
        self.transport = transport
        self.credentials = credentials
        room = ResponseRoom(limit: transport.limits.responseBytes)
        unsafe self.multi = unsafe multi
        unsafe transport.attach(CurlWakeUp(multi: multi))
    }

    deinit {
        for transfer in running.values {
            _ = unsafe curl_multi_remove_handle(multi, transfer.handle)
            transfer.finish(throwing: HTTPFailure.dropped("the channel was closed with the request under way"))
        }
        transport.detach()
        // Handles come before their multi handle, which then closes the connections.
        for transfer in Array(running.values) + idle { transfer.cleanUp() }
        _ = unsafe curl_multi_cleanup(multi)
    }

    private static let globalInit = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    private mutating func serve() throws(CurlError) {
        try set(CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        try set(CURLMOPT_MAX_HOST_CONNECTIONS, transport.limits.connections)
        try set(CURLMOPT_MAX_CONCURRENT_STREAMS, transport.limits.streams)
        while let work = transport.takeWork(room: transport.limits.streams - running.count) {
            for id in work.cancelled { try cancel(id) }
            for submission in work.submissions { start(submission) }
            var count: Int32 = 0
            try CurlError.check(unsafe curl_multi_perform(multi, &count))
            if try !reap() { try CurlError.check(unsafe curl_multi_poll(multi, nil, 0, 60_000, nil)) }
            gather()
        }
    }

    /// Lets answers gather where many requests are under way: libcurl goes through all of them each time that one is answered.
    ///
    /// It takes a small part of the time that the last answer took, so that a server with nothing to do meanwhile loses little.
    private func gather() {
        guard running.count >= 16 else { return }
        usleep(UInt32(min(lastAnswerTime / 64, 20_000)))
    }

    private mutating func start(_ submission: CurlTransport.Submission) {
        do {
            let transfer = try idle.popLast() ?? CurlTransfer(transport.endpoint, transport.limits, credentials, room)
            do {
                try transfer.begin(submission, origin: transport.endpoint.origin)
                try CurlError.check(unsafe curl_multi_add_handle(multi, transfer.handle))
                running[transfer.key] = transfer
            } catch {
                idle.append(transfer)
                throw error
            }
        } catch {
            submission.continuation.resume(throwing: HTTPFailure.notConnected("libcurl: \(error)"))
        }
    }

    /// Completes every finished transfer; false where there was none.
    private mutating func reap() throws(CurlError) -> Bool {
        var result = CURLE_OK
        var hasReaped = false
        while let handle = unsafe atrest_curl_multi_next_done(multi, &result) {
            hasReaped = true
            guard let transfer = running.removeValue(forKey: UInt(bitPattern: handle)) else { continue }
            lastAnswerTime = transfer.microseconds
            transfer.finish(with: result)
            try retire(transfer)
        }
        return hasReaped
    }

    private mutating func cancel(_ id: UInt64) throws(CurlError) {
        guard let (key, transfer) = running.first(where: { $0.value.id == id }) else { return }
        running[key] = nil
        transfer.finish(throwing: CancellationError())
        try retire(transfer)
    }

    private mutating func retire(_ transfer: CurlTransfer) throws(CurlError) {
        idle.append(transfer)
        try CurlError.check(unsafe curl_multi_remove_handle(multi, transfer.handle))
    }

    private func set(_ option: CURLMoption, _ value: Int) throws(CurlError) {
        try CurlError.check(unsafe atrest_curl_multi_set_long(multi, option, value))
    }
}
