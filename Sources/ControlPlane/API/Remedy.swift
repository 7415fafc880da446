/// What to do about an answer that is not good.
enum Remedy {
    /// The object is gone.
    case done
    /// The list goes on with another token.
    case goOn(RewriteRun.Job)
    /// This object fails, and no other for it.
    case giveUp
    /// Every further request would fail the same way.
    case stop
    case slowDown
    case retry

    init(_ status: APIStatus, for job: RewriteRun.Job) {
        switch (status.code, job) {
        case (404, .patch):
            self = .done
        case (410, .namespaces(.some)):
            self = .goOn(.namespaces(continuation: status.continuation))
        case (410, .names(let namespace, .some)):
            // Without a token to go on with the list begins again: what was rewritten is then found fresh.
            self = .goOn(.names(namespace: namespace, continuation: status.continuation))
        case (401, _), (404, _):
            self = .stop
        case (403, _):
            // An admission webhook denies single objects; without the right every request is denied.
            self = status.isWebhookDenial ? .giveUp : .stop
        case (408, _), (409, _):
            self = .retry
        case (429, _):
            self = .slowDown
        case _ where status.isAboutEncryption:
            self = .giveUp
        case (500..., _):
            self = .retry
        default:
            self = .giveUp
        }
    }
}
