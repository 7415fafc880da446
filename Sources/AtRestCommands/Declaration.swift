internal import Manifest
internal import Reconciliation

/// What the inputs say.
struct Declaration: Sendable {
    let inventory: Inventory
    /// Which input the hosts are from.
    let hostsFrom: InputKind
    /// Where each of the inventory's hosts is declared, in the same order.
    let places: [Place]
    let encryption: DeclaredEncryption
    /// Where the manifest says so.
    let encryptionPlace: Place

    init(manifest: KubeOneManifest, terraform: TerraformOutput?) throws {
        inventory = try Inventory.resolve(manifest: manifest, terraform: terraform)
        (hostsFrom, places) = Inventory.source(manifest: manifest, terraform: terraform)
        encryption = try DeclaredEncryption(manifest.encryption)
        encryptionPlace = manifest.encryptionPlace
    }
}
