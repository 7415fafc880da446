/// The last words of a run that failed.
enum FailureText {
    static func render(_ error: any Error, status: ExitStatus) -> String {
        let what = "\(error)"
        switch status {
        case .refused: return "refused, nothing was changed: \(what)"
        case .failed: return "failed, nothing is changed: \(what)"
        case .partial: return "stopped part-way: \(what)\nNothing is lost; run the same command again to go on."
        case .interrupted, .terminated: return "stopped as asked. Nothing is lost; run the same command again to go on."
        case .done, .changes, .guardMissing: return what
        }
    }
}
