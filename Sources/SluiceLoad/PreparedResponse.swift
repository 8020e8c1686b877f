import SluiceGenerate
import SluiceModel
import SluiceProxyWasm

/// A response that waits for its time, in buffers that change places with those of an exchange or a call-out.
struct PreparedResponse {
    var headers = HeaderBlock()
    var body: [UInt8] = []
}
