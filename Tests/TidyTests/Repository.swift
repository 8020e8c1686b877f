import Foundation

/// The repository that this test was built from.
struct Repository {
    let root: URL
    /// Sources, tests, benchmarks, scripts, workloads and documents; generated code left out.
    let files: [SourceFile]
    /// Paths of all of these, generated code included.
    let paths: [String]

    static let current = Result { try Repository(testFile: #filePath) }

    private static let folders = ["Sources", "Tests", "Benchmarks", "scripts", "workloads", "dashboards", ".ci"]
    private static let textEndings: Set<String> = [
        "swift", "c", "h", "modulemap", "md", "yaml", "yml", "json", "sh", "py", "proto", "go", "wat", "css", "js", "",
    ]

    private init(testFile: String) throws {
        let root = URL(fileURLWithPath: testFile).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var paths = Self.names(in: root).filter { $0.hasSuffix(".md") || ["LICENSE", "Package.swift"].contains($0) }
        for folder in Self.folders { Self.collect(folder, of: root, into: &paths) }
        self.root = root
        self.paths = paths
        files = paths.filter { !Exceptions.isGenerated($0) }.compactMap { path in
            guard let data = FileManager.default.contents(atPath: root.appendingPathComponent(path).path),
                let text = String(data: data, encoding: .utf8)
            else { return nil }
            return SourceFile(path: path, text: text)
        }
    }

    func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
    }

    func isExecutable(_ path: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: root.appendingPathComponent(path).path)
    }

    /// The manifest as the package manager reads it, in a scratch folder of its own: the one that these tests run
    /// from is locked meanwhile.
    func packageTargets() throws -> [PackageTarget] {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-tidy-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "swift", "package", "--package-path", root.path, "--scratch-path", scratch.path, "dump-package",
        ]
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try JSONDecoder().decode(Manifest.self, from: data).targets.map(\.target)
    }

    private static func names(in folder: URL) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    }

    private static func collect(_ path: String, of root: URL, into paths: inout [String]) {
        for name in names(in: root.appendingPathComponent(path)) where !name.hasPrefix(".build") && name != "build" {
            let child = "\(path)/\(name)"
            var isFolder: ObjCBool = false
            let location = root.appendingPathComponent(child).path
            guard FileManager.default.fileExists(atPath: location, isDirectory: &isFolder) else { continue }
            if isFolder.boolValue {
                collect(child, of: root, into: &paths)
            } else if textEndings.contains(URL(fileURLWithPath: name).pathExtension) {
                paths.append(child)
            }
        }
    }
}

/// The part of the package manager's dump that the rules need.
struct Manifest: Decodable {
    struct Target: Decodable {
        var name: String
        var type: String
        var path: String?
        var dependencies: [Dependency]

        var target: PackageTarget {
            PackageTarget(
                name: name, kind: type, folder: path ?? (type == "test" ? "Tests/\(name)" : "Sources/\(name)"),
                dependencies: dependencies.map(\.name))
        }
    }

    /// One of `{"byName": ["A", null]}`, `{"target": ["A", null]}` and `{"product": ["A", "package", null, null]}`.
    struct Dependency: Decodable {
        var name: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Kind.self)
            guard let kind = container.allKeys.first else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: container.codingPath, debugDescription: "a dependency of an unknown kind"))
            }
            var list = try container.nestedUnkeyedContainer(forKey: kind)
            name = try list.decode(String.self)
        }

        private enum Kind: String, CodingKey { case byName, target, product }
    }

    var targets: [Target]
}
