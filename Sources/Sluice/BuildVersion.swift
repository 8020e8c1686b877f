/// The version of this build, which agents and coordinator compare when they meet.
enum BuildVersion {
    static let current = "0.1.0"
}
