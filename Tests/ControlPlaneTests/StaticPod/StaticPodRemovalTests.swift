import ControlPlane
import Testing

/// Manifests in which much of what has to go stands many times over.
@Suite struct StaticPodRemovalTests {
    private static let numbers = 2...1500

    private static let block = Variant(
        with: { position in
            let flags = numbers.map { "    - --encryption-provider-config=/x/\($0)\n" }.joined()
            let mounts = numbers.map { "    - {name: kms-endpoint-\($0), mountPath: /run/kms-\($0)}\n" }.joined()
            let volumes = numbers.map { "  - name: kms-endpoint-\($0)\n    hostPath: {path: /run/kms-\($0)}\n" }
                .joined()
            return blockText(flags, mounts, volumes, position)
        }, without: { blockText("", "", "", $0) })

    private static let flow = Variant(
        with: { position in
            let flags = numbers.map { "'--encryption-provider-config=/x/\($0)'" }
            let mounts = numbers.map { "{name: kms-endpoint-\($0), mountPath: /run/kms-\($0)}" }
            let volumes = numbers.map { "{name: kms-endpoint-\($0), hostPath: {path: /run/kms-\($0)}}" }
            return flowText(flags, mounts, volumes, position)
        }, without: { flowText([], [], [], $0) })

    /// In front of what stays, or behind it, or on both sides.
    enum Position: CaseIterable {
        case front, behind, around
    }

    struct Variant: Sendable {
        let with: @Sendable (Position) -> String
        let without: @Sendable (Position) -> String
    }

    private static func blockText(_ flags: String, _ mounts: String, _ volumes: String, _ position: Position) -> String
    {
        func around(_ kept: String, _ others: String) -> String {
            switch position {
            case .front: others + kept
            case .behind: kept + others
            case .around:
                others + kept + (others.isEmpty ? "" : others.replacing("kms-endpoint-", with: "kms-endpoint-9"))
            }
        }
        let text = """
            kind: Pod
            spec:
              containers:
              - name: kube-apiserver
                command:
            \(around("    # what stays\n    - kube-apiserver\n    - --a=b\n", flags))\
                volumeMounts:
            \(around("    - {name: certs, mountPath: /certs} # stays\n", mounts))\
              volumes:
            \(around("  - name: certs\n    hostPath: {path: /certs}\n", volumes))
            """
        // The volumes end the text, without a line break.
        return String(text.dropLast())
    }

    private static func flowText(
        _ flags: [String], _ mounts: [String], _ volumes: [String], _ position: Position
    ) -> String {
        func around(_ kept: String, _ others: [String]) -> String {
            let behind = others.map { $0.replacing("kms-endpoint-", with: "kms-endpoint-9") }
            let items =
                switch position {
                case .front: others + [kept]
                case .behind: [kept] + others
                case .around: others + [kept] + behind
                }
            return "[" + items.joined(separator: " , ") + " ]"
        }
        return """
            {kind: Pod, spec: {containers: [{name: kube-apiserver, command: \(around("kube-apiserver , --a=b", flags)),
              volumeMounts: \(around("{name: certs, mountPath: /certs}", mounts))}],
              volumes: \(around("{name: certs, hostPath: {path: /certs}}", volumes))}}

            """
    }

    @Test(
        "flags, mounts and volumes by the thousand => all go at once, and no other byte does", .timeLimit(.minutes(2)),
        arguments: Position.allCases)
    func thousands(position: Position) throws {
        for variant in [Self.block, Self.flow] {
            let manifest = try StaticPodManifest(variant.with(position), file: "cp1")
            #expect(try manifest.unpatched() == variant.without(position))
        }
    }

    @Test("a volume that another container mounts too, and mounts of others => they stay")
    func others() throws {
        let text = Self.block.with(.front).replacing(
            "  containers:\n",
            with:
                "  initContainers:\n  - {name: kms, volumeMounts: [{name: kms-endpoint-7, mountPath: /kms}]}\n  containers:\n"
        )
        let off = try StaticPodManifest(text, file: "cp1").unpatched()
        #expect(
            off.split(separator: "\n").filter { $0.contains("kms-endpoint") } == [
                "  - {name: kms, volumeMounts: [{name: kms-endpoint-7, mountPath: /kms}]}", "  - name: kms-endpoint-7",
            ])
    }
}
