internal import ArgumentParser

/// What `apply` may do, and whether it asks.
struct ChangeOptions: ParsableArguments {
    @Flag(help: "Allow changes to a provisioned cluster; without it the plan is printed and nothing is done.")
    var forceUpgrade = false

    @Flag(help: "Replace the key by a new one; needs --force-upgrade.")
    var rotateEncryptionKey = false

    @Flag(name: [.customShort("y"), .long], help: "Do not ask.")
    var autoApprove = false
}
