# === OmniNode:Metadata ===
# metadata_version: 1.0.0
# owner: Team
# copyright: Team
# name: stamped.py
# version: 1.0.0
# uuid: 05c8c09b-1053-488a-9030-e1fb783a535d
# author: Ann
# created_at: '2026-11-23T06:02:34Z'
# last_modified_at: '2026-11-23T06:02:34Z'
# description: Stamped by ONEX
# state_contract: state_contract://default
# lifecycle: active
# hash: 84bbbbe9e3af39f25ae35d7a365322a15caae1f560f1fe6e1adc2b0cbd7f7da1
# entrypoint: python://stamped
# runtime_language_hint: python>=3.11
# namespace: python://stamped
# meta_type: tool
# === /OmniNode:Metadata ===

a = 1
b = 2
