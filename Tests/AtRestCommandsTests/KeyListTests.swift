import Testing

@testable import AtRestCommands

@Suite struct KeyListTests {
    static let rows = [
        KeyList.Row(
            cluster: "prod", name: "atrest-20260131T235959-x7k2", provider: "aescbc", date: "2026-01-31T23:59:59Z",
            hosts: nil, file: "/k/prod/atrest-20260131T235959-x7k2.cms.pem"),
        KeyList.Row(
            cluster: "stage", name: "a\u{1B}[31mb", provider: nil, date: nil, hosts: nil,
            file: "/k/stage/a%1B%5B31mb.cms.pem"),
    ]

    @Test("files that were not opened => what they say of themselves, and nothing that a terminal acts on")
    func text() throws {
        #expect(
            try KeyList(rows: Self.rows).render(.text) == """
                CLUSTER  KEY                          PROVIDER  ARCHIVED
                prod     atrest-20260131T235959-x7k2  aescbc    2026-01-31T23:59:59Z
                stage    a?[31mb                      -         -

                """)
    }

    @Test("files that were opened => their hosts too")
    func opened() throws {
        let row = KeyList.Row(
            cluster: "prod", name: "k1", provider: "aesgcm", date: "2026-01-31T23:59:59Z", hosts: ["cp1", "cp2"],
            file: "/k/prod/k1.cms.pem")
        #expect(
            try KeyList(rows: [row]).render(.text) == """
                CLUSTER  KEY  PROVIDER  ARCHIVED              HOSTS
                prod     k1   aesgcm    2026-01-31T23:59:59Z  cp1,cp2

                """)
        #expect(
            try KeyList(rows: [row]).render(.json) == """
                [
                  {
                    "cluster" : "prod",
                    "date" : "2026-01-31T23:59:59Z",
                    "file" : "/k/prod/k1.cms.pem",
                    "hosts" : [
                      "cp1",
                      "cp2"
                    ],
                    "name" : "k1",
                    "provider" : "aesgcm"
                  }
                ]

                """)
    }
}
