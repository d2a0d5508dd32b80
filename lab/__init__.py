"""The lab: what notebooks and people call to run the temperature pipeline, locally or in an AWS account."""
