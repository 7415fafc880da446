internal import YAML

extension TerraformOutput {
    static let advice = "write the file with: terraform output -json > output.json"

    /// The parsed text; where it is none, says what it is instead.
    static func root(of bytes: [UInt8], file: String) throws(InputError) -> Node {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw problem("this is UTF-16, as PowerShell's > writes it; it must be UTF-8", file)
        }
        if bytes.allSatisfy({ [0x20, 0x09, 0x0A, 0x0D].contains($0) }) {
            throw problem("this is empty; \(advice)", file)
        }
        do throws(YAMLError) {
            return try Node.parseJSON(bytes)
        } catch {
            if isPlainOutput(bytes) {
                throw problem("this is what terraform output prints without -json; \(advice)", file)
            }
            let place = Place(file: file, line: error.line, column: error.column)
            throw InputError([Problem("this is not JSON: \(error.problem); \(advice)", at: place)])
        }
    }

    /// Tells apart what else Terraform prints as JSON.
    static func checkIsOutput(_ root: Fields, file: String) throws(InputError) {
        // The hosts may all stand in the manifest.
        if ["kubeone_hosts", "kubeone_api", "kubeone_workers", "kubeone_static_workers"].contains(where: root.has) {
            return
        }
        if root.has("format_version") {
            throw problem("this is what terraform show -json prints, not the output; \(advice)", file)
        }
        if root.has("lineage") || root.has("serial") || root.has("terraform_version") {
            throw problem("this is a Terraform state file, not the output; \(advice)", file)
        }
        if root.has("control_plane") {
            throw problem("this is the value of the one output kubeone_hosts, not the outputs; \(advice)", file)
        }
        if root.isEmpty {
            throw problem("there are no outputs: was terraform applied in this directory and workspace?", file)
        }
        throw problem(
            "there is no output \"kubeone_hosts\": KubeOne's Terraform modules define it; "
                + "is this the output of the cluster's root module?", file)
    }

    /// True for a text that begins `name = `.
    private static func isPlainOutput(_ bytes: [UInt8]) -> Bool {
        let words = bytes.prefix(200).split { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard words.count >= 2, words[1].elementsEqual("=".utf8) else { return false }
        return words[0].allSatisfy { byte in
            switch Unicode.Scalar(byte) {
            case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
            default: false
            }
        }
    }

    private static func problem(_ text: String, _ file: String) -> InputError {
        InputError([Problem(text, at: Place(file: file))])
    }
}
