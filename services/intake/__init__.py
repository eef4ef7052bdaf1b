"""Intake, the desk: cases, scans, the register, approvals, the order to certify.

Consumes  copy.sealed · copy.archived · certification.delayed · certification.halted
Publishes certification.ordered
Owns      the database ``intake`` and the bucket ``scans``
"""
