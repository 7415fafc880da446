internal import CCurl

/// A detached thread for blocking work that must not hold one of Swift's own.
enum CurlThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    static func start(_ run: @escaping @Sendable () -> Void) throws(HTTPFailure) {
        let body = unsafe Unmanaged.passRetained(Body(run: run))
        let error = unsafe atrest_start_thread(
            { context in
                if let context = unsafe context {
                    unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                }
                return nil
            }, body.toOpaque())
        guard error == 0 else {
            unsafe body.release()
            throw .notConnected("no thread could be started for the connection (errno \(error))")
        }
    }
}
