internal import FoundationEssentials

extension EtcdGateway {
    /// A condition on everything that a range holds.
    enum Comparison {
        case valuesBelow([UInt8], KeyRange)
        case valuesAbove([UInt8], KeyRange)
        /// The object is the one that was listed, unchanged.
        case unchanged(StoredKey)

        var message: TransactionRequest.Comparison {
            switch self {
            case .valuesBelow(let bound, let range): Self.value("LESS", bound, range)
            case .valuesAbove(let bound, let range): Self.value("GREATER", bound, range)
            case .unchanged(let key):
                TransactionRequest.Comparison(
                    target: "MOD", result: "EQUAL", key: Data(key.range.start), end: Data(key.range.end),
                    modification: String(key.modification))
            }
        }

        private static func value(
            _ result: String, _ bound: [UInt8], _ range: KeyRange
        ) -> TransactionRequest.Comparison {
            TransactionRequest.Comparison(
                target: "VALUE", result: result, key: Data(range.start), end: Data(range.end), value: Data(bound))
        }
    }
}
