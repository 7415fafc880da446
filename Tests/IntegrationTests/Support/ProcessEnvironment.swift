import FoundationEssentials

enum ProcessEnvironment {
    static let values = ProcessInfo.processInfo.environment
}
