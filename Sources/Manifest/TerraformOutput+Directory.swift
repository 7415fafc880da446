internal import Subprocess
internal import SystemPackage

extension TerraformOutput {
    /// The output at a path: a file, `-` for standard input, or a directory of a Terraform configuration.
    ///
    /// In a directory Terraform says what its outputs are, or OpenTofu where only that is installed; it has this process's
    /// environment. Its messages go to standard error as they are, or line by line to `tell`.
    ///
    /// - Throws: `InputError`, or `CancellationError` where the task was cancelled meanwhile.
    package static func read(
        _ path: String, telling tell: (@Sendable (String) -> Void)? = nil
    ) async throws -> TerraformOutput {
        guard InputFile.isDirectory(path) else { return try TerraformOutput(contentsOf: path) }
        let (program, executable) = try await TerraformProgram.find(for: path)
        let bytes = try await program.output(executable, in: path, telling: tell)
        return try TerraformOutput(parsing: bytes, file: "\(program.command) in \(path)")
    }
}

/// What can say the outputs of a Terraform configuration.
private enum TerraformProgram: String, CaseIterable {
    case terraform
    case tofu

    private static let outputLimit = 16 << 20

    var command: String { ([rawValue] + Self.arguments).joined(separator: " ") }

    private static let arguments = ["output", "-json"]

    /// The first one that is installed.
    static func find(for directory: String) async throws -> (TerraformProgram, FilePath) {
        for program in allCases {
            if let executable = try await program.executable() { return (program, executable) }
        }
        throw problem(
            "this is a directory, and neither terraform nor tofu is on the PATH to say its outputs: install one, or give "
                + "the output as a file; \(TerraformOutput.advice)", directory)
    }

    /// Nil where it is not installed.
    private func executable() async throws -> FilePath? {
        do {
            return try await Executable.name(rawValue).resolveExecutablePath(in: .inherit)
        } catch {
            guard error.code == .executableNotFound else { throw error }
            return nil
        }
    }

    /// What it prints; it may take as long as its backend does.
    func output(
        _ executable: FilePath, in directory: String, telling tell: (@Sendable (String) -> Void)?
    ) async throws -> [UInt8] {
        let status: TerminationStatus
        let output: [UInt8]
        do {
            (status, output) = try await run(executable, in: directory, telling: tell)
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw Self.problem(failure(error), directory)
        }
        try Task.checkCancellation()
        switch status {
        case .exited(0): return output
        case .exited(let code):
            throw Self.problem("\(command) failed here with exit code \(code); what it says stands above", directory)
        case .signaled(let signal):
            throw Self.problem("\(command) was ended here by signal \(signal)", directory)
        }
    }

    private func run(
        _ executable: FilePath, in directory: String, telling tell: (@Sendable (String) -> Void)?
    ) async throws -> (TerminationStatus, [UInt8]) {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]
        let configuration = Configuration(
            executable: .path(executable), arguments: Arguments(Self.arguments),
            workingDirectory: FilePath(directory), platformOptions: options)
        guard let tell else {
            let result = try await Subprocess.run(
                configuration, input: .none, output: .bytes(limit: Self.outputLimit), error: .currentStandardError)
            return (result.terminationStatus, result.standardOutput)
        }
        let result = try await Subprocess.run(
            configuration, input: .none, output: .bytes(limit: Self.outputLimit), error: .sequence
        ) { execution in
            for try await line in execution.standardError.strings() { tell(line) }
        }
        return (result.terminationStatus, result.standardOutput)
    }

    private func failure(_ error: SubprocessError) -> String {
        error.code == .outputLimitExceeded
            ? "\(command) prints more than \(Self.outputLimit >> 20) MiB here: is this the right directory?"
            : "\(command) cannot be run here: \(error)"
    }

    private static func problem(_ text: String, _ directory: String) -> InputError {
        InputError([Problem(text, at: Place(file: directory))])
    }
}
