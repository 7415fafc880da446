internal import FoundationEssentials
internal import Reconciliation

/// A Kubernetes API server behind a channel.
///
/// Never asks for an object's data where that could be a Secret's: lists and patches ask for tables without objects.
package struct APIServer: Sendable {
    let channel: HTTPChannel

    package init(_ channel: HTTPChannel) {
        self.channel = channel
    }

    /// Sends a request and gives the body of a good answer; any other is thrown as an ``APIStatus``.
    func send(_ request: HTTPRequest) async throws -> [UInt8] {
        let response = try await channel.send(request)
        guard (200..<300).contains(response.status) else { throw APIStatus(response, to: request) }
        return response.body
    }

    /// Reads, up to four times where an answer is one that may be another in a moment: of an etcd that elects its leader, of a
    /// proxy that has too much to do.
    func read(_ path: String, accept: String = APIServer.json, tries: Int = 4) async throws -> [UInt8] {
        let request = HTTPRequest("GET", path, headers: [("Accept", accept)])
        for number in 0..<(tries - 1) {
            do {
                return try await send(request)
            } catch let status as APIStatus where status.isTransient {
                let asked = min(status.retryAfter ?? .zero, .seconds(5))
                try await Task.sleep(for: max(asked, .milliseconds(100 << number)))
            } catch HTTPFailure.dropped {
                continue
            }
        }
        return try await send(request)
    }

    func get<Answer: Decodable>(
        _ path: String, accept: String = APIServer.json, tries: Int = 4
    ) async throws -> Answer {
        try Self.decode(await read(path, accept: accept, tries: tries), from: path)
    }

    static func decode<Answer: Decodable>(_ body: [UInt8], from path: String) throws -> Answer {
        do {
            return try JSONDecoder().decode(Answer.self, from: Data(body))
        } catch {
            // The decoder's own error may quote the body.
            throw UnreadableAnswer(path: path)
        }
    }

    /// What an API server calls itself: `v1.20.2`.
    package func version() async throws -> String {
        struct Version: Decodable {
            let gitVersion: String
        }
        let version: Version = try await get("/version")
        return version.gitVersion.printable(limit: 64)
    }

    /// The addresses under which API servers have made themselves known to the cluster, ready or not.
    package func advertisedAddresses() async throws -> Set<String> {
        struct Endpoints: Decodable {
            struct Subset: Decodable {
                let addresses: [Address]?
                let notReadyAddresses: [Address]?
            }
            struct Address: Decodable {
                let ip: String
            }
            let subsets: [Subset]?
        }
        let endpoints: Endpoints = try await get("/api/v1/namespaces/default/endpoints/kubernetes")
        let addresses = (endpoints.subsets ?? []).flatMap { ($0.addresses ?? []) + ($0.notReadyAddresses ?? []) }
        return Set(addresses.map { $0.ip.printable(limit: 64) })
    }

    /// Reads one object from etcd, past every cache, and lets nothing of its data out of the API server.
    ///
    /// Throws the ``APIStatus`` of an object that the server cannot decrypt.
    package func probe(_ resource: ServedResource, namespace: String?, name: String) async throws {
        let path = resource.path(namespace: namespace, name: name)
        _ = try await read(path + "?includeObject=None", accept: Table.accept)
    }

    static let json = "application/json"
}

/// A good status with a body that is not what the API promises.
package struct UnreadableAnswer: Error, CustomStringConvertible {
    package let path: String

    package var description: String {
        "the API server's answer to '\(path)' is not the JSON that the Kubernetes API promises: is a proxy in between?"
    }
}

extension APIServer {
    /// Whether a resource has any object, by a list of one.
    func hasAny(_ resource: ServedResource) async throws -> Bool {
        let path = resource.path(namespace: nil) + "?includeObject=None&limit=1"
        let table: Table = try await get(path, accept: Table.accept, tries: 1)
        return !table.names.isEmpty
    }
}
