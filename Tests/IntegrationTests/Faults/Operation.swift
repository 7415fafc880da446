import FoundationEssentials
import TestSupport

/// What a campaign has atrest do.
enum Operation: String, CaseIterable, Codable, Sendable {
    case enable, disable, rotate, custom, kms, purge, repair, restore

    /// Whether it makes sense where this is declared, and a snapshot was saved or not.
    func isPossible(under wish: Wish, hasSnapshot: Bool) -> Bool {
        switch self {
        case .enable: wish.mode != .managed
        case .disable, .repair: wish.mode != .disabled
        case .rotate: wish.mode == .managed
        case .custom, .purge: true
        case .kms: wish.mode != .kms
        case .restore: hasSnapshot
        }
    }

    /// What is declared from then on.
    func wish(from wish: Wish, number: Int, by generator: inout SplitMix) -> Wish {
        switch self {
        case .enable: Wish(mode: .managed)
        case .disable: Wish(mode: .disabled)
        case .custom: Wish(mode: .custom, text: OwnConfiguration.random(number, by: &generator).text)
        case .kms: Wish(mode: .kms, text: OwnConfiguration.kmsFirst.text)
        case .rotate, .purge, .repair, .restore: wish
        }
    }

    /// What it adds to the command line.
    func flags(_ archive: OperatorsArchive, by generator: inout SplitMix) -> [String] {
        switch self {
        case .rotate:
            let provider = ["aescbc", "secretbox", "aesgcm"].randomElement(using: &generator) ?? "aescbc"
            return ["--rotate-encryption-key", "--encryption-provider", provider]
        case .purge: return ["--purge-history"]
        case .restore: return archive.reading
        default: return []
        }
    }
}

/// What the operator's manifest declares.
struct Wish: Codable, Equatable, Sendable {
    enum Mode: String, Codable, Sendable {
        case disabled, managed, custom, kms
    }

    let mode: Mode
    /// The custom configuration.
    var text: String?

    /// What an operator who means it has to say: a custom configuration may name less than the one before.
    var consent: [String] { mode == .custom || mode == .kms ? ["--allow-decrypt"] : [] }

    /// The sandbox's manifest with this in it.
    func manifest() async throws -> String {
        switch mode {
        case .disabled: try await Sandbox.manifest(enabling: false)
        case .managed: Sandbox.manifest
        case .custom, .kms: try OwnConfiguration(text: text ?? "").manifest()
        }
    }
}

extension OwnConfiguration {
    /// Keys of its own for Secrets, and now and then for ConfigMaps.
    fileprivate static func random(_ number: Int, by generator: inout SplitMix) -> OwnConfiguration {
        let providers = ["aescbc", "secretbox", "aesgcm"]
        let resources = Bool.random(using: &generator) ? ["secrets"] : ["secrets", "configmaps"]
        return OwnConfiguration(
            resources.map { resource in
                let provider = providers.randomElement(using: &generator) ?? "aescbc"
                return (resource, [key("\(resource)-\(number)", provider), "identity: {}"])
            })
    }
}
