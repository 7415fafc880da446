package import Reconciliation

extension RewriteRun {
    /// A job and how often it has been tried.
    struct Attempt: Sendable {
        let job: Job
        var tries = 0
        /// How many names the list has brought before.
        private(set) var listed = 0
        /// How often the list has expired, or had a page without names.
        private(set) var setbacks = 0

        init(job: Job, tries: Int = 0) {
            self.job = job
            self.tries = tries
        }
    }
}

extension RewriteRun.Attempt {
    var isList: Bool {
        if case .patch = job { false } else { true }
    }

    /// A list whose token expires every few minutes is read in the end; one that always expires is not.
    static let mostSetbacks = 100

    /// Where nobody knows how many names there are.
    private static let mostNames = 1 << 20
    /// Kubernetes is tested with a tenth of it.
    private static let mostNamespaces = 100_000

    /// The same list from another place on.
    func setBack(to job: RewriteRun.Job) -> RewriteRun.Attempt {
        var next = RewriteRun.Attempt(job: job)
        next.listed = job.continuation == nil ? 0 : listed
        next.setbacks = setbacks + 1
        return next
    }

    /// The page behind one that was read; nil behind the last.
    ///
    /// - Throws: `endless`, for a list that comes no nearer to its end.
    func next(
        of page: Table, atMost most: Int?, orThrow endless: () -> EndlessList
    ) throws -> RewriteRun.Attempt? {
        guard let continuation = page.continuation else { return nil }
        var next = RewriteRun.Attempt(job: job.continued(by: continuation))
        next.listed = listed + page.names.count
        next.setbacks = setbacks + (page.names.isEmpty ? 1 : 0)
        let limit = if case .namespaces = job { Self.mostNamespaces } else { most ?? Self.mostNames }
        guard continuation != job.continuation, next.listed <= limit,
            !page.names.isEmpty || next.setbacks < Self.mostSetbacks
        else { throw endless() }
        return next
    }
}

extension RewriteRun.Job {
    /// Nil for the first page, and for a patch.
    fileprivate var continuation: String? {
        switch self {
        case .namespaces(let continuation), .names(_, let continuation): continuation
        case .patch: nil
        }
    }

    /// Nil for what belongs to no namespace.
    var namespace: String? {
        switch self {
        case .namespaces: nil
        case .names(let namespace, _), .patch(let namespace, _): namespace
        }
    }

    fileprivate func continued(by continuation: String) -> RewriteRun.Job {
        switch self {
        case .namespaces: .namespaces(continuation: continuation)
        case .names(let namespace, _): .names(namespace: namespace, continuation: continuation)
        case .patch: self
        }
    }
}

/// A list that an API server would never end.
package struct EndlessList: Error, Hashable, Sendable, CustomStringConvertible {
    package let resource: ResourceName
    /// Nil for the list of namespaces, and for a resource that belongs to none.
    package let namespace: String?
    /// Whose API server it was.
    package let host: HostName

    package var description: String {
        let place = namespace.map { " in the namespace '\($0.printable(limit: 300))'" } ?? ""
        return """
            the rewrite of \(resource) stopped: the API server of \(host) gives a list\(place) that has no end (the same page \
            again, or far more names than etcd has objects). See what answers there, then run the same command again
            """
    }
}
