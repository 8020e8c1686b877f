import SluiceEngine
import SluiceModel
import Testing

/// The limit on the elements of tables.
@Suite struct TableTests {
    private static let growing = """
        (module
          (table $first 10 funcref) (table $second 0 funcref)
          (func (export "first") (param i32) (result i32) (table.grow $first (ref.null func) (local.get 0)))
          (func (export "second") (param i32) (result i32) (table.grow $second (ref.null func) (local.get 0))))
        """

    private func limited(_ elements: Int) -> EngineSettings {
        var settings = settings()
        settings.tableElements = elements
        return settings
    }

    @Test(arguments: executing)
    func `a table grows up to the limit, and each table for itself`(engine: EngineName) throws {
        let guest = try Guest(link(Self.growing, engine, limited(1000)))
        let type = FunctionType([.i32], [.i32])
        #expect(try guest.call("first", type, 991).i32 == -1)
        #expect(try guest.call("first", type, 990).i32 == 10)
        #expect(try guest.call("first", type, 1).i32 == -1)
        #expect(try guest.call("first", type, -1).i32 == -1)
        #expect(try guest.call("second", type, 1000).i32 == 0)
        #expect(try guest.call("second", type, 1).i32 == -1)
    }

    @Test(arguments: executing)
    func `a module that declares more than the limit does not instantiate`(engine: EngineName) throws {
        let linked = try link(Self.growing, engine, limited(9))
        let error = #expect(throws: EngineError.self) { try Guest(linked) }
        #expect(error?.description.contains("table") == true, "\(String(describing: error))")
    }

    @Test(arguments: executing)
    func `a module with too many tables does not instantiate`(engine: EngineName) throws {
        let tables = String(repeating: "(table 1 funcref)", count: EngineSettings.tables + 1)
        #expect(throws: EngineError.self) { try Guest(link("(module \(tables))", engine)) }
    }
}
