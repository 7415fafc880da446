import FoundationEssentials
import Testing

/// An encryption configuration for the real kube-apiserver and for `atrest validate`.
struct Verdict: Sendable {
    /// Everything behind `apiVersion` and `kind`.
    let body: String
    /// Whether both take it; what only one refuses is no business of this table.
    var isGood = false
    var head = "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\n"

    static let secret = "lsn9B5vaIePTsbH2cxxzB0EfbBIZkYplC1fwfiNksJo="
    static let sixteen = "AAECAwQFBgcICQoLDA0ODw=="

    /// Entries for Secrets with these providers.
    static func providers(_ providers: String, isGood: Bool = false) -> Verdict {
        Verdict(body: "resources:\n- resources: [secrets]\n  providers:\n  - \(providers)\n", isGood: isGood)
    }

    static func key(_ key: String, _ provider: String = "aescbc", isGood: Bool = false) -> Verdict {
        providers("\(provider): {keys: [{\(key)}]}", isGood: isGood)
    }

    static func kms(_ fields: String, isGood: Bool = false) -> Verdict {
        providers("kms: {\(fields)}", isGood: isGood)
    }

    static let all =
        [
            key("name: a, secret: \(secret)", isGood: true), key("name: a, secret: \(sixteen)", "aesgcm", isGood: true),
            key("name: a, secret: \(secret)", "secretbox", isGood: true),
            providers("identity: {}", isGood: true),
            kms("name: k, endpoint: 'unix:///run/k/s', cachesize: -1, timeout: 1m30s", isGood: true),
            Verdict(
                body: "resources:\n- resources: [secrets]\n  providers: [identity: {}]\n", isGood: true,
                head: "apiVersion: v1\nkind: EncryptionConfig\n"),
            Verdict(
                body: "resources:\n- resources: [secrets]\n  providers: [identity: {}]\n",
                head: "apiVersion: v1\nkind: EncryptionConfiguration\n"),
            Verdict(
                body: "resources:\n- resources: [secrets]\n  providers: [identity: {}]\n",
                head: "apiVersion: apiserver.config.k8s.io/v1beta1\nkind: EncryptionConfiguration\n"),
            Verdict(body: ""), Verdict(body: "resources: []\n"), Verdict(body: "resources: {}\n"),
            Verdict(body: "resources:\n- resources: []\n  providers: [identity: {}]\n"),
            Verdict(body: "resources:\n- resources: [secrets]\n"),
            Verdict(body: "resources:\n- resources: secrets\n  providers: [identity: {}]\n"),
            Verdict(body: "resources:\n- resources: [1]\n  providers: [identity: {}]\n"),
            Verdict(body: "resources:\n- resources: [secrets\n"), Verdict(body: "\tresources: 1\n"),
            Verdict(body: "", head: "{apiVersion: v1, kind: EncryptionConfig}\n"),
            key("name: a, secret: \(secret.dropLast())"), key("name: a, secret: ''"), key("name: a"),
            key("secret: \(secret)"), key("name: '', secret: \(secret)"), key("name: 12, secret: \(secret)"),
            key("name: true, secret: \(secret)"), key("name: a, secret: '\(secret) '"),
            key("name: a, secret: \(secret.replacing("/", with: "_"))"), key("name: a, secret: c2VjcmV0"),
            key("name: a, secret: \(sixteen)", "secretbox"), key("name: [a], secret: \(secret)"),
            providers("aescbc: {keys: []}"), providers("aescbc: {}"), providers("identity:"), providers("{}"),
            providers("identity: {}\n    aescbc: {keys: [{name: a, secret: \(secret)}]}"), providers("aes: {}"),
            providers("identity: []"), providers("identity: none"),
            kms("endpoint: 'unix:///run/k/s'"), kms("name: k"), kms("name: k, endpoint: 'tcp://127.0.0.1:1'"),
            kms("name: k, endpoint: '/run/k/s'"), kms("name: k, endpoint: \"unix:///run/k\\ts\""),
            kms("name: k, endpoint: 'unix:///run/%zz'"),
            kms("name: k, endpoint: 'unix:///run/k/s', cachesize: 0"),
            kms("name: k, endpoint: 'unix:///run/k/s', cachesize: 1.5"),
            kms("name: k, endpoint: 'unix:///run/k/s', cachesize: '10'"),
            kms("name: k, endpoint: 'unix:///run/k/s', cachesize: 3000000000"),
            kms("name: k, endpoint: 'unix:///run/k/s', timeout: 0s"),
            kms("name: k, endpoint: 'unix:///run/k/s', timeout: -3s"),
            kms("name: k, endpoint: 'unix:///run/k/s', timeout: 3"),
            kms("name: k, endpoint: 'unix:///run/k/s', timeout: 3 s"),
        ]
}

extension OnTheSandbox {
    @Test("what the real kube-apiserver refuses => atrest validate refuses it; what is good both take")
    func verdicts() async throws {
        let directory = "/atrest-verdicts"
        for (number, verdict) in Verdict.all.enumerated() {
            _ = try await Sandbox.onHost(
                "cp1", "mkdir -p \(directory); cat > \(directory)/\(number).yaml", input: verdict.head + verdict.body)
        }
        // An API server that takes its configuration goes on to etcd, which is not there.
        let refused = try await Sandbox.onHost(
            "cp1",
            """
            trap 'cd /; rm -r \(directory)' EXIT
            cd \(directory)
            openssl genrsa -out sa.key 2048 2> /dev/null
            for file in *.yaml; do
                kube-apiserver --etcd-servers=http://127.0.0.1:1 --encryption-provider-config=$file --cert-dir=. \
                    --bind-address=127.0.0.1 --secure-port=16443 --service-account-issuer=x \
                    --service-account-signing-key-file=sa.key --service-account-key-file=sa.key \
                    --advertise-address=\(Sandbox.addresses[0]) --service-cluster-ip-range=10.0.0.0/24 > log 2>&1 &
                until grep -q -e '^Error: ' -e '127.0.0.1:1: connect: connection refused' log; do
                    kill -0 $! 2> /dev/null || break
                    sleep 0.1
                done
                kill -KILL $! 2> /dev/null || true
                wait $! 2> /dev/null || true
                if grep -q '^Error: .*encr.* provider configuration' log; then echo "${file%.yaml}"
                elif grep -q '^Error: ' log; then cat log >&2; exit 1; fi
            done
            """)
        let verdicts = Set(refused.split(separator: "\n").compactMap { Int($0) })
        // Before 1.31 a field that is not known is passed over, and with it what it was meant to say.
        #expect(verdicts.count > 40, "\(refused)")

        let atrest = try AtRest()
        for (number, verdict) in Verdict.all.enumerated() {
            let block = (verdict.head + verdict.body).split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.isEmpty ? "" : "      \($0)" }
            let manifest = try String(contentsOfFile: Sandbox.manifest, encoding: .utf8)
                .split(separator: "\n").map {
                    $0.hasPrefix("    enable:")
                        ? "    enable: true\n    customEncryptionConfiguration: |\n" + block.joined(separator: "\n")
                        : String($0)
                }
            let path = atrest.home + "/kubeone.yaml"
            try manifest.joined(separator: "\n").write(toFile: path, atomically: false, encoding: .utf8)
            let run = try await atrest(["validate"] + AtRest.inputs(manifest: path))
            if verdicts.contains(number) {
                #expect(run.status == 4 && run.errors.contains(path), "\(verdict.body): \(run.output)\(run.errors)")
            }
            if verdict.isGood {
                #expect(!verdicts.contains(number) && run.status == 0, "\(verdict.body): \(run.errors)")
            }
        }
    }
}
