import FoundationEssentials
import Testing

/// What every command that only looks says of the cluster of now, in words and as JSON.
struct Shown: Sendable {
    /// One command's two forms; nil where it has nothing to say but an error.
    struct Answer<JSON: Decodable & Sendable>: Sendable {
        let status: Int32
        let text: String
        let errors: String
        let json: JSON?
    }

    struct Plan: Decodable, Sendable {
        struct Step: Decodable, Sendable {
            let kind: String
            let host: String?
        }

        struct Summary: Decodable, Sendable {
            let restarts: Int
            let objects: Int
        }

        let hasChanges: Bool
        let interruption: String?
        let steps: [Step]
        let summary: Summary
    }

    struct Status: Decodable, Sendable {
        struct Host: Decodable, Sendable {
            let name: String
            let isSeen: Bool
            let loaded: String?
            let kms: String?
            let problems: [String]
        }

        let mode: String
        let isHealthy: Bool
        let interruption: String?
        let hosts: [Host]
        let problems: [String]
    }

    struct Proof: Decodable, Sendable {
        struct Resource: Decodable, Sendable {
            let name: String
            let declaredAs: String?
        }

        let verdict: String
        let resources: [Resource]
        let differences: [String]
        let unknowns: [String]
    }

    let plan: Answer<Plan>
    let status: Answer<Status>
    let proof: Answer<Proof>

    /// Runs them all, which must not change anything.
    static func now(manifest: String = Sandbox.manifest) async throws -> Shown {
        let inputs = AtRest.inputs(manifest: manifest)
        return Shown(
            plan: try await ask(["plan", "--detailed-exitcode"] + inputs), status: try await ask(["status"] + inputs),
            proof: try await ask(["verify"] + inputs))
    }

    private static func ask<JSON: Decodable & Sendable>(_ arguments: [String]) async throws -> Answer<JSON> {
        let atrest = try AtRest()
        async let words = atrest(arguments)
        async let data = atrest(arguments + ["-o", "json"])
        let (text, json) = (try await words, try await data)
        #expect(text.status == json.status, "\(arguments): \(text) \(json)")
        return Answer(
            status: text.status, text: text.output, errors: text.errors,
            json: json.output.isEmpty ? nil : try JSONDecoder().decode(JSON.self, from: Data(json.output.utf8)))
    }
}
