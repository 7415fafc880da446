import Manifest
import Testing

@Suite struct InputFileTests {
    @Test("a file that is not there, and a directory => one message with the path")
    func unreadable() {
        #expect(
            problems { () throws(InputError) in _ = try KubeOneManifest(contentsOf: "/nowhere/kubeone.yaml") } == [
                "/nowhere/kubeone.yaml: this file cannot be read: no such file or directory"
            ])
        #expect(
            problems { () throws(InputError) in _ = try TerraformOutput(contentsOf: "/") } == [
                "/: this file cannot be read: is a directory"
            ])
        #expect(
            problems { () throws(InputError) in _ = try InputFile.read("/dev/zero") } == [
                "/dev/zero: this file has more than 16 MiB: is it the right one?"
            ])
    }
}
