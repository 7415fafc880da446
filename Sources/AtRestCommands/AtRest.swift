package import ArgumentParser

/// The command line of atrest.
package struct AtRest: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "atrest",
        abstract: "Makes encryption at rest of a Kubernetes control plane a declared fact.",
        discussion: """
            Reads a KubeOneCluster manifest and a Terraform output, looks at the live control plane over ssh, and brings what \
            Kubernetes stores in etcd to what the manifest declares, one API server at a time.

            EXIT CODES
              0    done, nothing to do, or the prompt declined
              1    failed with nothing changed, or the only changed host rolled back
                   (status: something is wrong; verify: something is stored otherwise)
              2    plan --detailed-exitcode: there are changes
              3    a guard flag is missing
              4    refused before any change
              5    stopped part-way; safe, the same command resumes
              64   wrong usage
              130  interrupted (SIGINT); 143 terminated (SIGTERM)
            """,
        version: "atrest 0.1.0 (\(BuildCommit.description))",
        subcommands: [
            ApplyCommand.self, PlanCommand.self, StatusCommand.self, VerifyCommand.self, ValidateCommand.self,
            KeysCommand.self,
        ])

    package init() {}
}
