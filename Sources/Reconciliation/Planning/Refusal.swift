/// Why nothing may be changed; found before anything was.
package enum Refusal: Error, Hashable, Sendable {
    /// etcd holds objects that no key on any disk opens; `unknown` are hosts whose API server may hold it in memory.
    case keyMissing(StoredForm, resource: ResourceName, unknown: [HostName])
    /// One provider and name stands for two different secrets, endpoints or versions.
    case ambiguousName(String, hosts: [HostName])
    /// One KMS name stands for several endpoints or versions.
    case ambiguousKMS(String, [Key], hosts: [HostName])
    /// A KMS that is wished, or that stored objects need, has no plugin that answers on some hosts.
    case kmsSilent(Key, [KMSOutage])
    /// No configuration with each of these KMS providers in one entry gives every resource its keys in order.
    case kmsOrder([Key])
    /// A KMS that may stand in one entry alone is needed by a wildcard, whose keys stand in one entry too, and by a resource
    /// with another write key.
    case kmsBesideWildcard(Key, ResourceName, ResourceName)
    case unhealthy(HostName, failing: [String])
    /// The operator's archive holds several keys under the provider and name that stored objects need.
    case ambiguousArchive(StoredForm, files: [String])
    /// etcd could not store what is to be rewritten once more.
    case noRoom(StorageRoom, objects: Int)
    /// `rotate` was asked for, but nothing is encrypted.
    case nothingToRotate
}

extension Refusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .keyMissing(let form, let resource, let unknown) where unknown.isEmpty:
            """
            etcd holds \(resource) stored under \(form), and no control-plane host has that key on its disk: they cannot be \
            read or rewritten. Bring the configuration that holds this key back to one host, or, if it is in a key archive, add \
            --with-archived-keys DIR --key-archive-key KEY.pem; then run the same command again
            """
        case .keyMissing(let form, let resource, let unknown):
            """
            etcd holds \(resource) stored under \(form), and that key is on no disk. The API server of \
            \(unknown.map(\.text).joined(separator: ", ")) may hold it in memory: do not restart it. Bring the configuration \
            that holds this key back, or, if it is in a key archive, add --with-archived-keys DIR --key-archive-key KEY.pem; \
            then run the same command again
            """
        case .ambiguousName(let name, let hosts):
            """
            the key name "\(name)" stands for different secrets (seen on \
            \(hosts.map(\.text).joined(separator: ", "))): an API server that has both fails for some objects. Give the new \
            key a new name
            """
        case .ambiguousKMS(let name, let keys, let hosts):
            """
            the KMS name "\(name)" stands for \(keys.map(\.pluginText).joined(separator: " and ")) (seen on \
            \(hosts.map(\.text).joined(separator: ", "))): what is stored shows the name alone, so an API server could not tell \
            which of them opens it. Give the new one a new name
            """
        case .kmsSilent(let key, let outages):
            outages.map { outage in
                "\(outage.host): the plugin of the KMS \"\(key.name)\" does not answer at \(key.endpoint): \(outage.finding)"
            }.joined(separator: "\n")
                + """
                \nEvery API server reaches the KMS through a plugin of its own host, and would be unhealthy without. Start the plugin \
                there, then run the same command again
                """
        case .kmsOrder(let keys):
            """
            the KMS providers \(keys.map(\.description).joined(separator: ", ")) would have to stand in two entries of one \
            configuration meanwhile, which no API server loads: resources need them in different orders. Use a new KMS name for \
            one of them
            """
        case .kmsBesideWildcard(let key, let wildcard, let resource):
            """
            \(key) would have to stand in two entries of one configuration meanwhile, which no API server loads: "\(wildcard)" and \
            "\(resource)" both need it, and are written with different keys. Go there in two steps: first apply a configuration \
            that writes both with one key of another provider, then this one
            """
        case .unhealthy(let host, let failing):
            """
            the API server of \(host) is not healthy (\(failing.joined(separator: ", "))): a restart of another one would \
            leave fewer. Mend it, or remove a dead host from the inputs, then run the same command again
            """
        case .ambiguousArchive(let form, let files):
            """
            etcd holds objects stored under \(form), and the key archive has different keys of that name: \
            \(files.joined(separator: ", ")). Which of them opens the objects cannot be told without reading one. Give an archive \
            that has only the right one, then run the same command again
            """
        case .noRoom(let room, _) where room.isExhausted:
            """
            etcd has raised its NOSPACE alarm and takes no writes. Compact and defragment it, disarm the alarm, then run the \
            same command again
            """
        case .noRoom(let room, let objects):
            """
            etcd has no room to store \(objects) objects once more: its database has \(room.size.megabytes) MB of a quota of \
            \(room.quota.megabytes) MB, and about \((objects * room.bytesPerObject).megabytes) MB would be added (an \
            estimate, by the mean size of an object). A full etcd takes no writes at all. Compact and defragment it, or raise \
            --quota-backend-bytes, then run the same command again
            """
        case .nothingToRotate:
            """
            encryption Providers support is not enabled for this cluster: it is not encrypted yet, so there is no key to \
            rotate. Run apply without rotating, which enables it with a new key
            """
        }
    }
}

/// Where nobody answers for a KMS, and what was found there.
package struct KMSOutage: Hashable, Sendable {
    package let host: HostName
    package let finding: String

    package init(host: HostName, finding: String) {
        self.host = host
        self.finding = finding
    }
}

extension Key {
    /// Empty where the key is not behind a KMS.
    fileprivate var endpoint: String {
        if case .kms(_, _, let endpoint) = self { endpoint } else { "" }
    }

    fileprivate var pluginText: String {
        if case .kms(let version, _, let endpoint) = self { "\(endpoint) (\(version.rawValue))" } else { description }
    }
}

extension StoredForm: CustomStringConvertible {
    package var description: String {
        switch self {
        case .plaintext: "plain text"
        case .encrypted(let scheme, let name):
            "\(scheme.hasSuffix(":v1") && !scheme.hasPrefix("kms") ? String(scheme.dropLast(3)) : scheme):\(name)"
                .printable(limit: 300)
        }
    }
}

extension Int {
    /// Bytes as megabytes, at least one.
    fileprivate var megabytes: Int { Swift.max(1, self / 1_000_000) }
}
