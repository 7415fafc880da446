internal import FoundationEssentials

/// The gateway's JSON: `Data` is base64, 64-bit integers are strings, what is false or zero is absent.
extension EtcdGateway {
    struct RangeRequest: Encodable {
        let key: Data
        let end: Data
        var limit: Int?
        var revision: String?
        var keysOnly: Bool?
        var countOnly: Bool?
        var sortTarget: String?
        var sortOrder: String?

        private init(_ range: KeyRange) {
            key = Data(range.start)
            end = Data(range.end)
        }

        /// At a revision, or now.
        static func count(_ range: KeyRange, at revision: Int64? = nil) -> Self {
            var request = Self(range)
            request.countOnly = true
            request.revision = revision.map { String($0) }
            return request
        }

        static func page(_ range: KeyRange, limit: Int) -> Self {
            var request = Self(range)
            request.keysOnly = true
            request.limit = limit
            return request
        }

        /// Without a limit: etcd applies it after sorting and saves nothing by it.
        static func sortedByValue(_ range: KeyRange) -> Self {
            var request = Self(range)
            request.keysOnly = true
            request.sortTarget = "VALUE"
            request.sortOrder = "ASCEND"
            return request
        }

        enum CodingKeys: String, CodingKey {
            case key
            case end = "range_end"
            case limit
            case revision
            case keysOnly = "keys_only"
            case countOnly = "count_only"
            case sortTarget = "sort_target"
            case sortOrder = "sort_order"
        }
    }

    struct RangeResponse: Decodable {
        struct Object: Decodable {
            let key: Data
            let modification: String

            enum CodingKeys: String, CodingKey {
                case key
                case modification = "mod_revision"
            }
        }

        let header: Header?
        let kvs: [Object]?
        let count: String?
        let more: Bool?
    }

    struct Header: Decodable {
        let cluster: String?
        let member: String?
        /// The newest one, as the member knows it.
        let revision: String?

        enum CodingKeys: String, CodingKey {
            case cluster = "cluster_id"
            case member = "member_id"
            case revision
        }
    }

    struct TransactionRequest: Encodable {
        struct Comparison: Encodable {
            let target: String
            let result: String
            let key: Data
            let end: Data
            var value: Data?
            var modification: String?

            enum CodingKeys: String, CodingKey {
                case target
                case result
                case key
                case end = "range_end"
                case value
                case modification = "mod_revision"
            }
        }

        struct Operation: Encodable {
            let range: RangeRequest

            enum CodingKeys: String, CodingKey {
                case range = "request_range"
            }
        }

        let compare: [Comparison]
        let success: [Operation]
        let failure: [Operation]
    }

    struct TransactionResponse: Decodable {
        struct Result: Decodable {
            let range: RangeResponse

            enum CodingKeys: String, CodingKey {
                case range = "response_range"
            }
        }

        let header: Header?
        let succeeded: Bool?
        let responses: [Result]?
    }

    struct StatusResponse: Decodable {
        let header: Header?
        let size: String?
        let used: String?
        /// From etcd 3.6 on.
        let quota: String?
        /// Such as `memberID:1234 alarm:NOSPACE`; from etcd 3.4 on.
        let errors: [String]?
        /// The number of the member that leads, as this one knows it.
        let leader: String?
        /// How far the member's log goes, and how much of it is in its database.
        let raftIndex: String?
        let raftAppliedIndex: String?

        enum CodingKeys: String, CodingKey {
            case header
            case leader
            case raftIndex
            case raftAppliedIndex
            case size = "dbSize"
            case used = "dbSizeInUse"
            case quota = "dbSizeQuota"
            case errors
        }
    }

    struct Refusal: Decodable {
        let message: String?
        let error: String?
    }
}
