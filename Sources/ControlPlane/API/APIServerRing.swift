internal import Reconciliation

/// The API servers of a cluster, one of them in use; the next takes over where one fails.
struct APIServerRing {
    /// A connection, and which one it is in the order of their making.
    struct Lane: Sendable {
        let channel: HTTPChannel
        let host: HostName
        let number: Int
    }

    private let hosts: [HostName]
    private let connect: @Sendable (HostName) async throws -> HTTPChannel
    private var lane: Lane?
    private var made = 0
    private var index = 0

    init(hosts: [HostName], connect: @escaping @Sendable (HostName) async throws -> HTTPChannel) {
        self.hosts = hosts
        self.connect = connect
    }

    var host: HostName { lane?.host ?? hosts[index] }

    /// The connection in use; made where there is none, and where that fails the next call tries the next host.
    mutating func current() async throws -> Lane {
        if let lane { return lane }
        let host = hosts[index]
        do {
            let channel = try await connect(host)
            made += 1
            let new = Lane(channel: channel, host: host, number: made)
            lane = new
            return new
        } catch {
            index = (index + 1) % hosts.count
            throw error
        }
    }

    /// Gives a connection up; false where that was done before, as it is for all but the first of many requests on the same one.
    @discardableResult
    mutating func leave(_ number: Int) async -> Bool {
        guard let lane, lane.number == number else { return false }
        self.lane = nil
        index = (index + 1) % hosts.count
        await lane.channel.close()
        return true
    }

    mutating func close() async {
        await lane?.channel.close()
        lane = nil
    }
}
