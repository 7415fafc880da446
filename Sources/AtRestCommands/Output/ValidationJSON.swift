internal import ControlPlane
internal import Manifest
internal import Reconciliation

/// What the inputs declare, for programs; a field is left out where it has no value.
struct ValidationJSON: Encodable {
    let cluster: String
    let encryption: Encryption
    let hostsFrom: String
    let hosts: [Host]

    struct Encryption: Encodable {
        let mode: EncryptionMode
        let resources: [KeyRingJSON]
        let notes: [String]
        let place: PlaceJSON
    }

    struct Host: Encodable {
        let name: String
        let address: String
        let privateAddress: String
        let user: String
        let port: Int
        let privateKeyFile: String?
        let certificateFile: String?
        let agentSocket: String?
        let hostKey: String?
        let bastion: Bastion?
        let place: PlaceJSON
    }

    struct Bastion: Encodable {
        let address: String
        let user: String
        let port: Int
        let privateKeyFile: String?
        let hostKey: String?
    }
}

/// A place in one of the inputs.
struct PlaceJSON: Encodable {
    let file: String
    let line: Int?
    let column: Int?

    init(_ place: Place) {
        file = place.file
        line = place.line
        column = place.column
    }
}

extension ValidationJSON {
    init(_ declared: Declaration) {
        cluster = declared.inventory.clusterName
        encryption = Encryption(declared)
        hostsFrom = declared.hostsFrom.rawValue
        hosts = zip(declared.inventory.hosts, declared.places).map { Host($0, at: $1) }
    }
}

extension ValidationJSON.Encryption {
    fileprivate init(_ declared: Declaration) {
        mode = EncryptionMode(declared.encryption)
        guard case .custom(let custom) = declared.encryption else {
            (resources, notes, place) = ([], [], PlaceJSON(declared.encryptionPlace))
            return
        }
        let configuration = custom.file.configuration
        resources = configuration.json
        notes = CustomText.warnings(configuration, stored: nil)
        place = PlaceJSON(custom.place)
    }
}

extension ValidationJSON.Host {
    fileprivate init(_ host: Host, at place: Place) {
        name = host.name.text
        address = host.address
        privateAddress = host.privateAddress
        user = host.ssh.user
        port = host.ssh.port
        privateKeyFile = host.ssh.privateKeyFile
        certificateFile = host.ssh.certificateFile
        agentSocket = host.ssh.agentSocket
        hostKey = host.ssh.hostKey
        bastion = host.ssh.bastion.map {
            ValidationJSON.Bastion(
                address: $0.address, user: $0.user, port: $0.port, privateKeyFile: $0.privateKeyFile,
                hostKey: $0.hostKey)
        }
        self.place = PlaceJSON(place)
    }
}
