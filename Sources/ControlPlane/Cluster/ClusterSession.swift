package import Logging
package import Reconciliation

/// A live control plane: looked at and changed over ssh, one step at a time.
package actor ClusterSession {
    package nonisolated let inventory: Inventory
    let ssh: SSHSession
    let logger: Logger
    let limits: RunLimits
    /// What the last look at each host found.
    var probes: [HostName: HostProbe] = [:]
    /// How each host's API server was at the last look.
    var healths: [HostName: HostHealth] = [:]
    /// What each host's API server said at the last look that it has loaded; nothing for one that does not say.
    var metrics: [HostName: String] = [:]
    /// The secrets of every key that was found on any host or made here; nothing is ever forgotten within a run.
    var material = KeyMaterial()
    var memory = ProcessMemory()
    var patience = Patience()
    /// Where every key must be before a step puts it on a host; nil where the operator keeps no archive.
    var archiving: Archiving?
    /// Where keys may be that no host has; nil where the operator gives no archive to read from.
    package nonisolated let archivedKeys: ArchivedKeys?
    /// What that archive has for each form that was looked for in it.
    var openedKeys: [StoredForm: [Key: String]] = [:]
    /// The operator's own configuration, where the manifest has one.
    var custom: EncryptionConfigurationFile?
    /// True where the operator wants each resource written anew, whatever etcd shows.
    var rewritesAll = false
    /// The resources of which this run has rewritten every object.
    var rewritten: Set<ResourceName> = []
    /// True where the operator wants etcd's history purged.
    var purgesHistory = false
    /// The etcd members that this run has purged, by name.
    var purged: Set<String> = []
    /// Everything that the API serves; nil until it is needed.
    var discovered: ServedResources?
    /// How many objects the last look at etcd found.
    var storedCounts: [ResourceName: Int] = [:]
    /// Who is told how the step that is under way goes on.
    var tell: @Sendable (StepProgress) -> Void = { _ in }
    private var gateways: [HostName: [Endpoint: (gateway: EtcdGateway, socket: String)]] = [:]
    private var apiConnections: [HostName: APIConnection] = [:]
    private var etcdChannels: [HTTPChannel] = []
    private var sockets: [Endpoint: [HostName: String]] = [:]
    private var lock: ControlPlaneLock?

    /// Connects to every host.
    ///
    /// - Throws: `UnreachableHosts`, with all that cannot be reached.
    package static func open(
        _ inventory: Inventory, hostKeys: HostKeyPolicy = HostKeyPolicy(), archivedKeys: ArchivedKeys? = nil,
        limits: RunLimits = RunLimits(), logger: Logger
    ) async throws -> ClusterSession {
        let ssh = try SSHSession(inventory: inventory, hostKeys: hostKeys, logger: logger)
        do {
            try await ssh.open()
        } catch {
            await ssh.close()
            throw error
        }
        return ClusterSession(
            inventory: inventory, ssh: ssh, archivedKeys: archivedKeys, limits: limits, logger: logger)
    }

    init(
        inventory: Inventory, ssh: SSHSession, archivedKeys: ArchivedKeys?, limits: RunLimits, logger: Logger
    ) {
        self.inventory = inventory
        self.ssh = ssh
        self.archivedKeys = archivedKeys
        self.limits = limits
        self.logger = logger
    }

    /// Keeps every other run from changing the control plane, until `close`; once is enough.
    ///
    /// - Throws: `LockHeld`, `LockUnavailable`.
    package func takeLock() async throws {
        guard lock == nil else { return }
        lock = try await ControlPlaneLock.acquire(over: ssh)
    }

    package func close() async {
        for channel in etcdChannels + apiConnections.values.map(\.channel) { await channel.close() }
        await lock?.release()
        await ssh.close()
    }

    /// Makes a key that is in use nowhere; its secret is known to later steps.
    package func makeFreshKey(provider: LocalProvider, now: Int) throws -> Key {
        let made = try KeyGenerator.makeKey(provider: provider, now: now, existing: material.keys)
        material.merge(made.material)
        return made.key
    }

    /// The same key, or a new one where another run has meanwhile made one that sorts behind it.
    package func renewed(_ key: Key, now: Int) throws -> Key {
        let others = material.keys.filter { $0.isOurs && $0 != key }
        guard case .local(let provider, _, _) = key, others.contains(where: { $0.name > key.name }) else { return key }
        return try makeFreshKey(provider: provider, now: now)
    }

    /// Changes hosts; every script first makes sure that the lock is still ours.
    var writer: HostWriter {
        get throws {
            guard let lock else { throw LockNotTaken() }
            return HostWriter(guarded: lock.guarded(ssh.shell))
        }
    }

    /// Makes sure that the lock is still ours, before a change that no guarded script makes.
    func checkLock() async throws {
        guard let lock else { throw LockNotTaken() }
        let shell = lock.guarded(ssh.shell)
        try await withThrowingDiscardingTaskGroup { group in
            for host in inventory.hosts {
                group.addTask { _ = try await shell.run(RemoteScript(":"), host.name, .seconds(60)) }
            }
        }
    }

    /// A run that was frozen finds, as it wakes up, a script whose time is up; what it has to be told is that its lock is gone.
    func tellingLostLock<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let failure as SSHFailure where failure.reason == .timedOut {
            do { try await checkLock() } catch let lost as LockLost { throw lost } catch {}
            throw failure
        }
    }

    var watch: RestartWatch { RestartWatch(shell: ssh.shell) }

    func probe(of host: HostName) throws -> HostProbe {
        guard let probe = probes[host] else { throw HostNotLookedAt(host: host) }
        return probe
    }

    /// A way to a host's API server, and the process that it led to as it was made; nil where that could not be told.
    private struct APIConnection {
        let channel: HTTPChannel
        let socket: String
        let process: ServingProcess?
    }

    /// A host's API server, over the connection of before where neither `dropConnections(to:)` nor the way to it has ended that.
    func server(of host: HostName) async throws -> APIServer {
        if let connection = apiConnections[host], await ssh.isForwarded(connection.socket) {
            return APIServer(connection.channel)
        }
        await dropConnections(to: host)
        let process = try probe(of: host).servingProcess
        let (channel, socket) = try await connect(to: host)
        apiConnections[host] = APIConnection(channel: channel, socket: socket, process: process)
        return APIServer(channel)
    }

    /// A new channel to a host's API server, for whoever closes it.
    func openChannel(to host: HostName) async throws -> HTTPChannel { try await connect(to: host).channel }

    private func connect(to host: HostName) async throws -> (channel: HTTPChannel, socket: String) {
        let probe = try probe(of: host)
        guard let pod = probe.pod, let kubeconfig = probe.adminKubeconfig else { throw NoAdminKubeconfig(host: host) }
        let endpoint = Endpoint(apiServer: pod.flags)
        let socket = try await socket(to: endpoint, from: host)
        @Sendable func channel(_ content: SecretBytes, _ path: String) throws -> HTTPChannel {
            HTTPChannel.curl(
                socketPath: socket, host: "kubernetes.default.svc", port: endpoint.port,
                identity: try Kubeconfig(content, host: host, path: path).identity)
        }
        let channelOfAdmin = try channel(kubeconfig, "/etc/kubernetes/admin.conf")
        guard let superAdmin = probe.superAdminKubeconfig else { return (channelOfAdmin, socket) }
        return (
            channelOfAdmin.escalating { try channel(superAdmin, "/etc/kubernetes/super-admin.conf") }, socket
        )
    }

    /// Ends every connection to a host's API server: one that is reused may still reach the process of before a restart.
    func dropConnections(to host: HostName) async {
        await apiConnections.removeValue(forKey: host)?.channel.close()
    }

    /// Ends every connection to a host's API server, unless it was made to the process that alone serves there at the last look.
    func dropStaleConnections(to host: HostName) async {
        guard let serving = probes[host]?.servingProcess, apiConnections[host]?.process == serving else {
            return await dropConnections(to: host)
        }
    }

    /// Makes sure, where a request to a host's API server has failed, that forwarding is not forbidden.
    func checkForward(to host: HostName) async throws {
        guard let connection = apiConnections[host] else { return }
        try await ssh.checkForward(connection.socket)
    }

    /// The gateway of the etcd member that a host's API server uses first.
    func gateway(of host: HostName) async throws -> EtcdGateway {
        guard let endpoint = try etcdEndpoints(of: host).first else { throw NoEtcd(host: host) }
        return try await gateway(at: endpoint, of: host)
    }

    /// Where a host's API server finds etcd.
    func etcdEndpoints(of host: HostName) throws -> [Endpoint] {
        (try probe(of: host).pod?.flags.etcdServers ?? []).compactMap(Endpoint.init(etcdServer:))
    }

    /// The gateway of one of the etcd members that a host's API server uses.
    func gateway(at endpoint: Endpoint, of host: HostName) async throws -> EtcdGateway {
        if let (gateway, socket) = gateways[host]?[endpoint], await ssh.isForwarded(socket) { return gateway }
        let probe = try probe(of: host)
        let identity = probe.etcdCredentials.map { credentials in
            TLSIdentity(
                authority: unsafe credentials.authority.withBytes { unsafe Array($0) },
                certificate: unsafe credentials.certificate.withBytes { unsafe Array($0) }, privateKey: credentials.key)
        }
        guard identity != nil || !endpoint.isSecure else { throw NoEtcdCredentials(host: host) }
        let path = try await socket(to: endpoint, from: host)
        let channel = HTTPChannel.curl(
            socketPath: path, host: endpoint.address, port: endpoint.port,
            identity: endpoint.isSecure ? identity : nil,
            limits: HTTPLimits(requestTimeout: EtcdGateway.longestRequest))
        etcdChannels.append(channel)
        let gateway: EtcdGateway
        do {
            gateway = try await EtcdGateway(through: channel, on: host)
        } catch {
            try await ssh.checkForward(path)
            throw error
        }
        gateways[host, default: [:]][endpoint] = (gateway, path)
        return gateway
    }

    private func socket(to endpoint: Endpoint, from host: HostName) async throws -> String {
        if let path = sockets[endpoint]?[host], await ssh.isForwarded(path) { return path }
        let path = try await ssh.shell.forward(endpoint.address, endpoint.port, host)
        sockets[endpoint, default: [:]][host] = path
        return path
    }
}

/// A host without the kubeconfig that every kubeadm control plane has.
package struct NoAdminKubeconfig: Error, Hashable, Sendable, CustomStringConvertible {
    package let host: HostName

    package var description: String { "\(host): /etc/kubernetes/admin.conf is missing, and with it the way to the API" }
}

/// An API server whose flags name no etcd.
package struct NoEtcd: Error, Hashable, Sendable, CustomStringConvertible {
    package let host: HostName

    package var description: String {
        "\(host): the API server's --etcd-servers names no etcd, so what is stored cannot be known"
    }
}

/// An API server that speaks TLS to etcd with files that are not there.
package struct NoEtcdCredentials: Error, Hashable, Sendable, CustomStringConvertible {
    package let host: HostName

    package var description: String {
        "\(host): the files of the API server's --etcd-cafile, --etcd-certfile and --etcd-keyfile cannot be read, so what is "
            + "stored cannot be known"
    }
}

/// A step was asked for on a host that was never looked at.
struct HostNotLookedAt: Error, CustomStringConvertible {
    let host: HostName

    var description: String { "\(host) was not looked at yet" }
}

/// A change was asked for without the lock.
struct LockNotTaken: Error, CustomStringConvertible {
    let description = "the control plane is not locked"
}
