/// What to do about an answer to a patch that is not good.
enum Remedy {
    /// The object is gone.
    case done
    /// This object fails, and no other for it.
    case giveUp
    /// Every further request would fail the same way.
    case stop
    case slowDown
    case retry

    init(_ status: APIStatus) {
        switch status.code {
        case 404 where status.isOfObject:
            self = .done
        case 401, 404:
            self = .stop
        case 403:
            // An admission webhook denies single objects; without the right every request is denied.
            self = status.isWebhookDenial ? .giveUp : .stop
        case 408, 409:
            self = .retry
        case 429:
            self = .slowDown
        case _ where status.isAboutEncryption:
            self = .giveUp
        case 500...:
            self = .retry
        default:
            self = .giveUp
        }
    }
}
