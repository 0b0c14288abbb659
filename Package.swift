// swift-tools-version: 6.1
import PackageDescription

// Targets stand in the order of their imports: each may use only those its own `dependencies` name.
let package = Package(
    name: "sdict",
    products: [.executable(name: "sdict", targets: ["sdict"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        // The C side: setjmp, variadics and curses macros stay behind these.
        .systemLibrary(name: "CFFTW", pkgConfig: "fftw3f", providers: [.apt(["libfftw3-dev"])]),
        .systemLibrary(name: "CDNNL", providers: [.apt(["libdnnl-dev"])]),
        .systemLibrary(name: "CStemmer", providers: [.apt(["libstemmer-dev"])]),
        .target(name: "CElementwise"),
        .target(name: "CImages", linkerSettings: [.linkedLibrary("png"), .linkedLibrary("jpeg"), .linkedLibrary("webp")]),
        .target(name: "CTerminal", linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),

        .target(
            name: "SpectralKernels",
            dependencies: ["CFFTW", "CDNNL", "CElementwise"]),
        .target(name: "SpectralAtoms", dependencies: ["SpectralKernels"]),
        .target(name: "SpectralFormats", dependencies: ["SpectralKernels", "CImages"]),
        .target(name: "SpectralModel", dependencies: ["SpectralAtoms", "SpectralFormats"]),
        .target(name: "SpectralTraining", dependencies: ["SpectralModel", "CStemmer"]),
        .target(name: "SpectralLens", dependencies: ["SpectralModel"]),
        .target(name: "SpectralEngine", dependencies: ["SpectralModel", "SpectralLens"], resources: [.copy("Bundled")]),
        .target(name: "SpectralScreen"),
        .target(name: "SpectralWorkbench", dependencies: ["SpectralEngine", "SpectralScreen"]),
        .target(name: "SpectralTerminal", dependencies: ["SpectralScreen", "CTerminal"]),
        .executableTarget(
            name: "sdict",
            dependencies: [
                "SpectralAtoms", "SpectralTraining", "SpectralWorkbench", "SpectralTerminal",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        // Derivative checks, a tiny checkpoint, seeded numbers and scratch folders, for the tests of several targets.
        .target(name: "TestSupport", dependencies: ["SpectralModel"], path: "Tests/TestSupport"),
        .testTarget(name: "SpectralKernelsTests", dependencies: ["SpectralKernels", "TestSupport"]),
        .testTarget(name: "SpectralAtomsTests", dependencies: ["SpectralAtoms", "TestSupport"]),
        .testTarget(name: "SpectralFormatsTests", dependencies: ["SpectralFormats", "TestSupport"], resources: [.copy("Fixtures")]),
        .testTarget(name: "SpectralModelTests", dependencies: ["SpectralModel", "TestSupport"]),
        .testTarget(
            name: "SpectralTrainingTests", dependencies: ["SpectralTraining", "TestSupport"], resources: [.copy("Fixtures")]),
        .testTarget(name: "SpectralLensTests", dependencies: ["SpectralLens", "TestSupport"]),
        .testTarget(name: "SpectralScreenTests", dependencies: ["SpectralScreen", "TestSupport"]),
        .testTarget(name: "SpectralWorkbenchTests", dependencies: ["SpectralWorkbench", "TestSupport"], resources: [.copy("Golden")]),
        .testTarget(name: "sdictTests", dependencies: ["sdict"]),
    ],
    swiftLanguageModes: [.v6]
)
