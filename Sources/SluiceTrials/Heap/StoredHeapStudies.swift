package import SluiceAnalysis
package import SluiceStore

extension RunStore {
    private static let heapStudy = "heap-study"

    /// Keeps a study with its run, which is stored already.
    func saveHeapStudy(_ study: HeapStudy) throws(StoreError) {
        try saveDocument(study, kind: Self.heapStudy, ofRun: study.runID)
    }

    /// The study of a run of `sluice heap`; `nil` when the run is another's, or broke off before it had one.
    package func heapStudy(ofRun id: String) throws(StoreError) -> HeapStudy? {
        try document(HeapStudy.self, kind: Self.heapStudy, ofRun: id)
    }
}
