import Foundation
import SluiceModel
import SluiceWire

/// Modules, layers and manifests for tests, made with the system's own `tar` and `gzip`.
package enum TestContent {
    /// The smallest module, with a custom section so that every test can have its own.
    package static func module(_ name: String) -> [UInt8] {
        let name = Array(name.utf8)
        precondition(name.count < 100)
        let section = [UInt8(name.count)] + name
        return [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, UInt8(section.count)] + section
    }

    /// A tar archive of files by path.
    ///
    /// - Parameters:
    ///   - format: `gnu`, `pax` or `ustar`.
    ///   - transform: a `sed` expression for the paths, for such as cannot be made on disk.
    package static func archive(
        _ files: [String: [UInt8]], format: String = "gnu", transform: String? = nil
    ) throws -> [UInt8] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-archive-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for (path, bytes) in files {
            let file = folder.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: file)
        }
        var arguments = ["--create", "--format=\(format)", "--directory", folder.path, "--absolute-names"]
        if let transform { arguments.append("--transform=\(transform)") }
        return try output("tar", arguments + files.keys.sorted())
    }

    package static func compressed(_ bytes: [UInt8]) throws -> [UInt8] {
        let file = FileManager.default.temporaryDirectory.appending(path: "sluice-plain-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(bytes).write(to: file)
        return try output("gzip", ["--stdout", file.path])
    }

    package static func digest(_ bytes: [UInt8]) -> String { "sha256:" + ContentHash(of: bytes).hexadecimal }

    /// A manifest as a registry gives it.
    package static func manifest(
        mediaType: String = "application/vnd.oci.image.manifest.v1+json", layers: [String]
    ) -> String {
        let configuration = digest(Array("{}".utf8))
        let configurationType = "application/vnd.oci.image.config.v1+json"
        return """
            {"schemaVersion":2,"mediaType":"\(mediaType)",
            "config":{"mediaType":"\(configurationType)","digest":"\(configuration)","size":2},
            "layers":[\(layers.joined(separator: ","))]}
            """
    }

    package static func descriptor(
        _ mediaType: String, digest: String, size: Int, platform: (os: String, architecture: String)? = nil
    ) -> String {
        let place = platform.map { #","platform":{"os":"\#($0.os)","architecture":"\#($0.architecture)"}"# } ?? ""
        return #"{"mediaType":"\#(mediaType)","digest":"\#(digest)","size":\#(size)\#(place)}"#
    }

    /// Standard output of a program; throws when it fails.
    package static func output(_ program: String, _ arguments: [String]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw TestRegistry.Failure(description: "\(program) failed with \(process.terminationStatus)")
        }
        return [UInt8](data)
    }
}
