import Synchronization
import Testing

@testable import ControlPlane

@Suite struct EscalationTests {
    static let request = HTTPRequest("GET", "/api/v1/namespaces")

    /// What answered each of three requests to an administrator who gets these answers, with the super administrator behind.
    static func answers(of admin: [HTTPResponse]) async throws -> [Int] {
        let left = Mutex(admin)
        let first = HTTPChannel(
            send: { _ in left.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] } }, close: {})
        let second = HTTPChannel(send: { _ in HTTPResponse(status: 299) }, close: {})
        let channel = first.escalating { second }
        var statuses: [Int] = []
        for _ in 0..<3 { statuses.append(try await channel.send(request).status) }
        return statuses
    }

    @Test("the administrator has the right => nobody else is asked")
    func allowed() async throws {
        #expect(try await Self.answers(of: [HTTPResponse(status: 200)]) == [200, 200, 200])
        #expect(try await Self.answers(of: [HTTPResponse(status: 404)]) == [404, 404, 404])
    }

    @Test("403 => the same request again as super administrator, and all that follow")
    func forbidden() async throws {
        let forbidden = HTTPResponse.status(403, "Forbidden", "User kubernetes-admin cannot list resource")
        #expect(try await Self.answers(of: [HTTPResponse(status: 200), forbidden]) == [200, 299, 299])
    }

    @Test("403 by a webhook => no right would help")
    func webhook() async throws {
        let denied = HTTPResponse.status(403, "Forbidden", "admission webhook a denied the request")
        #expect(try await Self.answers(of: [denied]) == [403, 403, 403])
    }

    @Test("a second kubeconfig that cannot be used => said only where it is needed")
    func unusable() async throws {
        struct Unusable: Error {}
        let fine = HTTPChannel(send: { _ in HTTPResponse(status: 200) }, close: {}).escalating { throw Unusable() }
        #expect(try await fine.send(Self.request).status == 200)
        let without = HTTPChannel(send: { _ in HTTPResponse(status: 403) }, close: {}).escalating { throw Unusable() }
        await #expect(throws: Unusable.self) { try await without.send(Self.request) }
    }
}
