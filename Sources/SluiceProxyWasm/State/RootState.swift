/// The root context of one plugin in one VM: plain memory behind a pointer, as `VMState`. Timers, call-outs and their
/// status belong to root contexts.
struct RootState: ~Copyable {
    let plugin: PluginIdentity
    let id: UInt32
    /// Buffer 7 is readable: the host is in root create or configure.
    var isConfiguring = false
    /// `proxy_on_done` returned false, and `proxy_on_delete` is still to come.
    var isDonePending = false
    /// `proxy_done` was called.
    var isDone = false
    /// 0: no tick.
    var tickPeriodNanoseconds: Int64 = 0
    var nextTickNanoseconds: Int64 = 0
    /// What `proxy_get_status` says: how the last call-out ended that had a status.
    var statusCode: UInt32 = 0
    var statusMessage: [UInt8] = []

    init(plugin: PluginIdentity, id: UInt32) {
        self.plugin = plugin
        self.id = id
    }
}
