/// The connections of a chain, and those of them that something has happened to.
final class ConnectionList {
    private var connections: [TCPConnection] = []
    /// Those that a plugin asked something of from outside their own callbacks, oldest request first.
    private var listed: [TCPConnection] = []
    private var progressed: [TCPConnection] = []

    /// Somebody has to be told of connections that went on.
    var hasProgressed: Bool { !progressed.isEmpty }

    func add(_ connection: TCPConnection) { connections.append(connection) }

    func list(_ connection: TCPConnection) { listed.append(connection) }

    /// Carries out what plugins asked for, in the order of their requests.
    func settle(for own: TCPConnection?) {
        var index = 0
        while index < listed.count {
            let connection = listed[index]
            index += 1
            if connection.carryOutRequests(), connection !== own { progressed.append(connection) }
        }
        if !listed.isEmpty { listed.removeAll(keepingCapacity: true) }
    }

    func takeProgressed(into connections: inout [TCPConnection]) {
        guard !progressed.isEmpty else { return }
        connections.append(contentsOf: progressed)
        progressed.removeAll(keepingCapacity: true)
    }

    func resetAll(nowNanoseconds: Int64) {
        for connection in connections { connection.reset(nowNanoseconds: nowNanoseconds) }
    }
}
