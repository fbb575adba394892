"""The workstation: an IDC folder becomes splits by patient, a float network, and one fine-tuned for int8."""
