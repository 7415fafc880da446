// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

let package = Package(
    name: "atrest",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "atrest", targets: ["atrest"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CProcess"),
        .target(name: "Reconciliation", swiftSettings: swiftSettings),
        .target(name: "YAML", dependencies: ["CYAML"], swiftSettings: swiftSettings),
        .target(
            name: "Manifest", dependencies: ["Reconciliation", "YAML", subprocess, systemPackage],
            swiftSettings: swiftSettings),
        .target(
            name: "ControlPlane",
            dependencies: [
                "CCurl", "CCrypto", "CProcess", "Reconciliation", "YAML", logging, subprocess, systemPackage,
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "AtRestCommands",
            dependencies: [
                "ControlPlane", "CProcess", "Manifest", "Reconciliation", argumentParser, logging, systemPackage,
            ],
            swiftSettings: swiftSettings, plugins: ["BuildCommit"]),
        .plugin(name: "BuildCommit", capability: .buildTool()),
        .executableTarget(name: "atrest", dependencies: ["AtRestCommands"], swiftSettings: swiftSettings),
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: swiftSettings),
        .testTarget(name: "ReconciliationTests", dependencies: ["Reconciliation"], swiftSettings: swiftSettings),
        .testTarget(name: "YAMLTests", dependencies: ["YAML"], swiftSettings: swiftSettings),
        .testTarget(
            name: "ManifestTests", dependencies: ["Manifest", "Reconciliation", "YAML"],
            resources: [.copy("Fixtures")], swiftSettings: swiftSettings),
        .testTarget(
            name: "ControlPlaneTests",
            dependencies: [
                "ControlPlane", "Reconciliation", "TestSupport", "YAML", logging, subprocess, systemPackage,
            ],
            resources: [.copy("Fixtures")], swiftSettings: swiftSettings),
        .testTarget(
            name: "AtRestCommandsTests",
            dependencies: [
                "CCrypto", "atrest", "AtRestCommands", "ControlPlane", "Manifest", "Reconciliation", "TestSupport",
                argumentParser, logging, subprocess, systemPackage,
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "IntegrationTests",
            dependencies: ["ControlPlane", "Reconciliation", "TestSupport", subprocess, systemPackage],
            exclude: ["Clients"],
            swiftSettings: swiftSettings),
    ]
)
