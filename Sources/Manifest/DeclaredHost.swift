/// A control-plane host as either input declares it, before defaults; every value is validated.
package struct DeclaredHost: Sendable {
    var place: Place
    /// What the input calls each field, for messages about paths and what is missing.
    let names: FieldNames
    var publicAddress: HostAddress?
    var privateAddress: HostAddress?
    var hostname: HostAddress?
    var port: Int?
    var user: UserName?
    var privateKeyFile: LocalPath?
    var certificateFile: LocalPath?
    var agentSocket: AgentSocket?
    var hostKey: HostKey?
    var bastion: HostAddress?
    var bastionPort: Int?
    var bastionUser: UserName?
    var bastionPrivateKeyFile: LocalPath?
    var bastionHostKey: HostKey?

    /// The fields that hold an ssh value, as one input format spells them.
    struct FieldNames: Sendable {
        let publicAddress: String
        let privateAddress: String
        let hostname: String
        let port: String
        let user: String
        let privateKeyFile: String
        let certificateFile: String
        let agentSocket: String
        let hostKey: String
        let bastion: String
        let bastionPort: String
        let bastionUser: String
        let bastionPrivateKeyFile: String
        let bastionHostKey: String
    }
}

extension DeclaredHost {
    /// Reads how to log in; the same in both formats but for the names.
    mutating func readAccess(from fields: Fields, _ findings: inout Findings) {
        port = fields.port(names.port, &findings)
        user = fields.required(names.user, &findings, UserName.init)
        privateKeyFile = fields.value(names.privateKeyFile, &findings, LocalPath.init)
        certificateFile = fields.value(names.certificateFile, &findings, LocalPath.init)
        agentSocket = fields.required(names.agentSocket, &findings, AgentSocket.init)
        bastion = fields.value(names.bastion, &findings, HostAddress.init)
        bastionPort = fields.port(names.bastionPort, &findings)
        bastionUser = fields.value(names.bastionUser, &findings, UserName.init)
        bastionPrivateKeyFile = fields.value(names.bastionPrivateKeyFile, &findings, LocalPath.init)
        bastionHostKey = fields.value(names.bastionHostKey, &findings, HostKey.init(base64:))
    }
}
