"""Contracts to read: a good one, to be changed in one place, and two as other tools write them."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema
import yaml

GOOD = """\
apiVersion: v3.1.0
kind: DataContract
id: orders
name: Orders
version: 1.2.0
status: active
servers:
- {server: files, type: local, path: /data/orders, format: csv}
slaProperties:
- {property: frequency, value: 1, unit: d}
- {property: timeOfAvailability, value: "07:30 Europe/Berlin", element: orders.ts}
- {property: latency, value: 90, unit: m, element: good.ts}
team: {name: shop, members: [{username: ann@example.com, role: owner}]}
schema:
- name: orders
  physicalName: "orders_{date:%Y%m%d}.csv"
  customProperties:
  - {property: stage, value: raw}
  - {property: trends, value: {volume: {of: rows}}}
  properties:
  - {name: id, logicalType: integer, primaryKey: true}
  - {name: ts, logicalType: timestamp, customProperties: [{property: eventTime, value: true}]}
  - {name: amount, logicalType: number, logicalTypeOptions: {minimum: 0}}
  - {name: state, logicalType: string, customProperties: [{property: aliases, value: [status]}]}
  quality:
  - {name: some_rows, metric: rowCount, mustBeGreaterThan: 0}
  - {name: mean, type: sql, query: "SELECT avg(amount) FROM ${table}", mustBeLessThan: 3}
- name: good
  physicalName: "good/orders_{date:%Y%m%d}.csv"
  customProperties: [{property: stage, value: accepted}]
  properties:
  - {name: id, logicalType: integer}
"""

POSTGRES = """\
version: 1.0.0
kind: DataContract
apiVersion: v3.1.0
id: 53581432-6c55-4ba2-a65f-72344a91553a
name: Seller payments
status: active
domain: seller
tenant: ClimateQuantumInc
dataProduct: payments
tags: [finance]
description:
  purpose: Views built on top of the seller tables.
  limitations: Data based on seller perspective, no buyer information
  usage: Predict sales over time
servers:
- server: production
  type: postgres
  host: localhost
  port: 5432
  database: pypl-edw
  schema: pp_access_views
schema:
- name: tbl
  physicalName: tbl_1
  physicalType: table
  logicalType: object
  businessName: Core Payment Metrics
  authoritativeDefinitions:
  - {url: https://catalog.data.gov/dataset/air-quality, type: businessDefinition}
  tags: [finance, payments]
  dataGranularityDescription: Aggregation on columns txn_ref_dt, pmt_txn_id
  properties:
  - name: transaction_reference_date
    physicalName: txn_ref_dt
    primaryKey: false
    primaryKeyPosition: -1
    businessName: transaction reference date
    logicalType: date
    physicalType: date
    required: false
    description: Reference date for transaction
    partitioned: true
    partitionKeyPosition: 1
    criticalDataElement: false
    classification: public
    transformSourceObjects: [table_name_1]
    transformLogic: sel t1.txn_dt as txn_ref_dt from table_name_1
    examples: ["2022-10-03", "2020-01-28"]
    customProperties:
    - {property: obfuscation, value: none}
  - name: rcvr_id
    primaryKey: true
    primaryKeyPosition: 1
    logicalType: string
    physicalType: varchar(18)
    required: false
    classification: restricted
  - name: rcvr_cntry_code
    logicalType: string
    physicalType: varchar(2)
    classification: top-secret
    encryptedName: rcvr_cntry_code_encrypted
    quality:
    - metric: nullValues
      mustBe: 0
      description: column should not contain null values
      dimension: completeness
      type: library
      severity: error
      businessImpact: operational
      schedule: 0 20 * * *
      scheduler: cron
    - type: custom
      engine: soda
      implementation: |
        type: duplicate_percent
        columns: [rcvr_cntry_code]
        must_be_less_than: 1.0
  - name: items
    logicalType: array
    items: {logicalType: string}
  quality:
  - metric: rowCount
    type: library
    mustBeGreaterThan: 1000000
    severity: urgent
    name: Not a small day
  - type: sql
    query: SELECT count(*) FROM pp_access_views.tbl_1
    mustBeGreaterThan: 3
  - {type: text, description: Rows are plausible.}
support:
- {channel: "#product-help", tool: slack, url: https://aidaug.slack.com/archives/C05UZRSBKLY}
team:
- {username: ceastwood, role: Data Scientist, dateIn: 2022-08-02}
- {username: mhopper, role: Owner}
slaProperties:
- {property: latency, value: 4, unit: d, element: tbl.txn_ref_dt}
- {property: generalAvailability, value: "2022-05-12T09:30:10-08:00"}
- {property: retention, value: 3, unit: y, element: tbl.txn_ref_dt}
- {property: frequency, value: 1, valueExt: 1, unit: d, element: tbl.txn_ref_dt}
- {property: timeOfAvailability, value: 09:00-08:00, element: tbl.txn_ref_dt, driver: regulatory}
price: {priceAmount: 9.95, priceCurrency: USD, priceUnit: megabyte}
customProperties:
- {property: refRulesetName, value: gcsc.ruleset.name}
- {property: stage, value: gold, vendor: atlan}
contractCreatedTs: 2022-11-15T02:59:43+00:00
"""


@cache
def validator() -> Any:
    """Return the published schema's own validator."""
    text = files("open_data_contract_standard").joinpath("schema.json").read_text()
    return jsonschema.Draft201909Validator(json.loads(text))


def is_valid(text: str) -> bool:
    """Return whether a contract has the standard's shape, as a general validator sees it."""
    return bool(validator().is_valid(yaml.safe_load(text)))


def changed(*pairs: tuple[str, str]) -> str:
    """Return the good contract with something else in some places."""
    text = GOOD
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text
