import Foundation

/// Documents that commands write, held against the schemas of the repository by PyPI's jsonschema.
enum JSONSchema {
    /// Whether there is a Python with jsonschema.
    static let isThere = python("import jsonschema", []) == 0

    /// - Parameter schema: name of a file in `dashboards`, without `.schema.json`.
    static func accepts(_ document: String, schema: String, in folder: borrowing CommandFolder) throws -> Bool {
        let name = "\(UUID().uuidString).json"
        try folder.write(document, to: name)
        let file = URL(filePath: #filePath).appending(path: "../../../dashboards/\(schema).schema.json").standardized
        let check = """
            import json, sys, jsonschema
            schema = json.load(open(sys.argv[1]))
            jsonschema.Draft202012Validator.check_schema(schema)
            jsonschema.validate(json.load(open(sys.argv[2])), schema)
            """
        return python(check, [file.path, folder.url.appending(path: name).path]) == 0
    }

    private static func python(_ script: String, _ arguments: [String]) -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script] + arguments
        // What is wrong with a document is worth seeing; that a module is missing is not.
        if arguments.isEmpty { process.standardError = FileHandle.nullDevice }
        guard (try? process.run()) != nil else { return 127 }
        process.waitUntilExit()
        return process.terminationStatus
    }
}
